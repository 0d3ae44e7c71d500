import type {ChildProcess} from 'node:child_process';
import {EventEmitter} from 'node:events';
import type {Socket} from 'node:net';
import {createInterface} from 'node:readline';
import {setImmediate as nextTurn, setTimeout as pause} from 'node:timers/promises';
import type {ClusterStatus} from './cluster-status.ts';
import type {Lab} from './lab.ts';
import {signalProcess} from './processes.ts';
import {exitCode} from './run.ts';

const everyMs = 200;

/** Before another `taco` takes the place of one that has ended, or the leveler is looked at again. */
const restMs = 300;

/** A status, when it was read, and since when it can have been asked for: the one before it had been read by then. */
export type Seen = {readonly status: ClusterStatus; readonly atMs: number; readonly afterMs: number};

type Document = ClusterStatus | {readonly error: {readonly what: string}};

/**
 * What one leveler says of its cluster, again and again, by one `taco status --watch` for as long as the leveler is on:
 * a process for each question would be half a second's work. It keeps nobody's process alive.
 */
export class StatusFollower {
  readonly leveler: string;
  readonly #lab: Lab;
  readonly #events = new EventEmitter<{seen: [Seen]}>().setMaxListeners(0);
  #child: ChildProcess | undefined;
  #last: Seen | undefined;
  #fault: string | undefined;
  #isOver = false;

  /** Follows from now on. */
  constructor(lab: Lab, leveler: string) {
    this.#lab = lab;
    this.leveler = leveler;
    void this.#follow();
  }

  get last(): Seen | undefined {
    return this.#last;
  }

  /** Why there is nothing newer; undefined: there will be. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** @returns ends the calls */
  onSeen(listener: (seen: Seen) => void): () => void {
    this.#events.on('seen', listener);
    return () => this.#events.off('seen', listener);
  }

  /** Wait for another status, but no longer than this. */
  async untilSeen(mostMs: number): Promise<void> {
    await new Promise<void>(resolve => {
      const stop = this.onSeen(done);
      const timer = setTimeout(done, mostMs);
      function done(): void {
        clearTimeout(timer);
        stop();
        resolve();
      }
    });
  }

  end(): void {
    this.#isOver = true;
    endGroup(this.#child);
  }

  async #follow(): Promise<void> {
    while (!this.#isOver) {
      await this.#followOnce().catch((error: unknown) => {
        this.#fault = (error as Error).message;
      });
      await pause(restMs, undefined, {ref: false});
    }
  }

  async #followOnce(): Promise<void> {
    if (!this.#lab.isOn(this.leveler)) {
      this.#fault = `${this.leveler} is switched off`;
      return;
    }

    const words = ['taco', 'status', '--watch', '--every', `${everyMs}ms`, '--json'];
    const child = this.#lab.spawn(this.leveler, words, {stdio: ['ignore', 'pipe', 'ignore'], detached: true});
    this.#child = child;
    child.unref();
    this.#read(child.stdout as Socket);
    await exitCode(child);
  }

  #read(output: Socket): void {
    output.unref();
    let beforeMs = performance.now();
    createInterface({input: output}).on('line', line => {
      const document = parse(line);
      const atMs = performance.now();
      if (document === undefined) {
        return;
      }

      if ('error' in document) {
        this.#fault = document.error.what;
      } else {
        this.#fault = undefined;
        this.#last = {status: document, atMs, afterMs: beforeMs};
        this.#events.emit('seen', this.#last);
      }

      beforeMs = atMs;
    });
  }
}

/** What is asked for from now on has an `afterMs` of this or more: what has been written already is read first. */
export async function freshFromNow(): Promise<number> {
  await nextTurn();
  await nextTurn();
  return performance.now();
}

/** The last line of one that was killed may be half a line. */
function parse(line: string): Document | undefined {
  try {
    return JSON.parse(line) as Document;
  } catch {
    return undefined;
  }
}

/** The command that enters the leveler, and `taco`. */
function endGroup(child: ChildProcess | undefined): void {
  if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    signalProcess(-child.pid, 'SIGKILL');
  }
  child?.stdout?.destroy();
}
