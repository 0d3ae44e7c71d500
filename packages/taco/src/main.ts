/**
 * taco - show and change a TacoPleX cluster.
 *
 * usage: taco [--json] [--socket path] [-f file] [--no-color] noun [verb] [words]
 *
 * Asks   admin.ask of the admin-broker of one leveler, by default the one it runs on
 * Needs  to open that broker's socket: root, or a member of the group tacoplex
 * Exits  0 done; 1 refused or unreachable; 2 not understood
 */
import {createInterface} from 'node:readline/promises';
import {runTaco} from './run-taco.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') {
    process.exit(0); // Whoever reads has seen enough
  }

  throw error;
});

const stop = new AbortController();

process.exitCode = await runTaco(process.argv.slice(2), {
  environment: process.env,
  isTerminal: process.stdout.isTTY === true,
  readLine: process.stdin.isTTY && process.stderr.isTTY ? readLine : undefined,
  columns: process.stdout.columns,
  writeOut: text => process.stdout.write(text),
  writeError: text => process.stderr.write(text),
  stopSignal() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => stop.abort());
    }

    return stop.signal;
  },
});

if (stop.signal.aborted) {
  process.exit(); // Without waiting for an answer that is due
}

async function readLine(question: string): Promise<string> {
  const terminal = createInterface({input: process.stdin, output: process.stderr});
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
