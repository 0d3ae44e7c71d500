import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process';
import {once} from 'node:events';
import {WorldError} from '@tacoplex/errors';

/** How a command ended. */
export type Ended = {
  /** Exit code; 128 and the number of the signal where one ended it, as a shell counts. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  /** The command is killed after this long; default 60,000. */
  readonly timeoutMs?: number;
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
};

/** Run a command to its end. Never throws for its exit code, only if it cannot be started or was aborted. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const {timeoutMs = 60_000, input, env = process.env, signal} = options;
  const child = start(argv, {stdio: 'pipe', env, timeout: timeoutMs, killSignal: 'SIGKILL', ...(signal && {signal})});
  const outputs = Promise.all([readAll(child.stdout), readAll(child.stderr)]);
  // A command that ends without reading its input is no fault of ours.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);

  const code = await exitCode(child);
  const [stdout, stderr] = await outputs;
  return {code, stdout, stderr};
}

/**
 * Run a command that must succeed.
 *
 * @returns what it wrote on stdout
 * @throws WorldError COMMAND_FAILED with the first line of what it said
 */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const {code, stdout, stderr} = await run(argv, options);
  if (code !== 0) {
    const said = stderr.trim() === '' ? `exit code ${code}` : (stderr.trim().split('\n')[0] ?? '');
    throw new WorldError(`${argv.join(' ')}: ${said}`, {code: 'COMMAND_FAILED', command: argv.join(' ')});
  }

  return stdout;
}

/** Start a command; the first word is looked up in the PATH of the given environment. */
export function start([command = '', ...args]: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(command, args, options);
}

/**
 * Wait until a child has ended and its output is read.
 *
 * @returns its exit code; 128 and the number of the signal where one ended it
 */
export async function exitCode(child: ChildProcess): Promise<number> {
  const closed = new Promise<number>(resolve => {
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 0))));
  });
  const failed = once(child, 'error').then(async ([error]) => {
    // An aborted child has been sent its signal but may not be gone.
    await (child.pid === undefined ? undefined : closed);
    throw error;
  });
  failed.catch(() => {});
  const code = await Promise.race([closed, failed]);
  return code;
}

const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

async function readAll(stream: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) {
    chunks.push(Buffer.from(chunk));
  }

  return Buffer.concat(chunks).toString('utf8');
}
