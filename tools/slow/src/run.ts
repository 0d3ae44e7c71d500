import {type ChildProcess, spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {constants} from 'node:os';

const passedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Signals that a terminal sends to all of its processes in front. */
const terminalSignals: readonly string[] = ['SIGINT', 'SIGQUIT'];

/**
 * @param stat text of `/proc/PID/stat`
 * @returns whether that process is among those that a terminal sends its signals to
 */
export function isInFront(stat: string): boolean {
  // After the name, which may contain anything: state, parent, process group, session, terminal, its group in front.
  const [, , group, , , front] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group === front;
}

/** @returns the exit code that a shell would say */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Passes on the signals that end a program, until it is told otherwise. */
export class SignalPasser {
  #child: ChildProcess | undefined;
  /** One that came before the command was there. */
  #early: NodeJS.Signals | undefined;

  readonly #pass = (signal: NodeJS.Signals): void => {
    if (this.#child === undefined) {
      this.#early = signal;
    } else if (!(terminalSignals.includes(signal) && isInFront(readFileSync('/proc/self/stat', 'utf8')))) {
      this.#child.kill(signal); // Else the terminal has sent it to the command itself
    }
  };

  constructor() {
    passedSignals.forEach(signal => void process.on(signal, this.#pass));
  }

  /**
   * Starts a command that enters the group before it is itself.
   *
   * @param join files that it writes 0 to
   * @returns its exit code
   */
  async run(command: readonly string[], join: readonly string[]): Promise<number> {
    if (this.#early !== undefined) {
      return exitCodeOf(null, this.#early);
    }

    const script = `${join.map(file => `echo 0 >'${file}' && `).join('')}exec "$@"`;
    const child = spawn('/bin/sh', ['-c', script, 'slow', ...command], {stdio: 'inherit'});
    this.#child = child;
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(exitCodeOf(code, signal)));
    });
  }
}
