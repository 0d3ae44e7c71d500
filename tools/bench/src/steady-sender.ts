import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import type {Target} from '@tacoplex/kernel';

/** What the sender's thread is started with. */
export type SenderStart = {
  /** Full name of the network namespace that the frames leave from. */
  readonly namespace: string;
  readonly interfaceIndex: number;
  /** An interface of that namespace on which no frame ever comes in. */
  readonly idle: Target;
  /** UDP over IPv4 of 60 bytes; the generator writes flow and number into it. */
  readonly frame: Uint8Array;
  /** A power of two, 1..65,536. */
  readonly flows: number;
  readonly packetsPerSecond: number;
  /** 4 bytes: whether to end; at 8 a double: how many were sent. */
  readonly shared: SharedArrayBuffer;
};

/** What one sending came to. */
export type SenderReport = {
  /** Numbers 0 to `sent` - 1. */
  readonly sent: number;
  readonly tookMs: number;
  /** The longest time between two looks at the clock: the machine had something else to do. */
  readonly longestPauseMs: number;
};

/** Frames that are sent at a steady rate, from the call on, until they are stopped. */
export class SteadySender {
  readonly #shared = new SharedArrayBuffer(16);
  readonly #worker: Worker;
  readonly #report: Promise<SenderReport>;

  constructor(start: Omit<SenderStart, 'shared'>) {
    this.#worker = new Worker(new URL('./steady-sender-thread.js', import.meta.url), {
      workerData: {...start, shared: this.#shared} satisfies SenderStart,
      trackUnmanagedFds: false, // The kernel's objects are closed by those who opened them
    });
    this.#report = once(this.#worker, 'message').then(([report]) => report as SenderReport);
    this.#report.catch(() => {}); // Told by `stop`
  }

  /** So far. */
  get sent(): number {
    return new Float64Array(this.#shared, 8, 1)[0] ?? 0;
  }

  /** Resolves when the last one is on its way. @throws WorldError if they could not be sent */
  async stop(): Promise<SenderReport> {
    const flag = new Int32Array(this.#shared, 0, 1);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    const report = await this.#report;
    await this.#worker.terminate();
    return report;
  }
}
