import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process';
import {WorldError} from '@tacoplex/errors';
import {signalProcess} from './processes.ts';

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

/**
 * Run a command to its end, in a process group of its own, which is killed when time is up or the signal says so.
 * Never throws for an exit code; 137 also means that time was up.
 *
 * @throws the signal's reason; the error of spawn(2) if there is no such command
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const {timeoutMs = 60_000, input, env = process.env, signal} = options;
  signal?.throwIfAborted();
  const child = start(argv, {stdio: 'pipe', env, detached: true});
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  // A command that ends without reading its input is no fault of ours.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);

  const kill = (): void => killGroup(child);
  const timer = setTimeout(kill, timeoutMs);
  signal?.addEventListener('abort', kill);
  try {
    const code = await exitCode(child);
    signal?.throwIfAborted();
    return {code, stdout: stdout(), stderr: stderr()};
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
  }
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
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 0))));
  });
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

/** Whoever is left in the group keeps our pipes open: they are closed too. */
function killGroup({pid, stdout, stderr}: ChildProcess): void {
  if (pid !== undefined) {
    signalProcess(-pid, 'SIGKILL');
  }
  stdout?.destroy();
  stderr?.destroy();
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
