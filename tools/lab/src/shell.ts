import {labVariable} from './processes.ts';
import {mustRun} from './run.ts';

/** Runs what builds and changes a laboratory, marked so that `down` finds it, and stopped when its signal says so. */
export class Shell {
  readonly #lab: string;
  readonly #signal: AbortSignal | undefined;

  constructor(lab: string, signal?: AbortSignal) {
    this.#lab = lab;
    this.#signal = signal;
  }

  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  /** @throws WorldError COMMAND_FAILED */
  async must(argv: readonly string[], input?: string): Promise<void> {
    await mustRun(argv, {
      env: {...process.env, [labVariable]: this.#lab},
      signal: this.#signal,
      ...(input !== undefined && {input}),
    });
  }

  /** Run a script of sh in a network namespace. */
  async script(namespace: string, script: string): Promise<void> {
    await this.must([...intoNetwork(namespace), 'sh', '-c', script]);
  }
}

/** The words to put before a command that is to run in a network namespace. */
export function intoNetwork(namespace: string): string[] {
  // Not `ip netns exec`: that hides what is mounted on /sys.
  return ['nsenter', `--net=/run/netns/${namespace}`, '--'];
}
