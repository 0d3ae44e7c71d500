import type {MonotonicMs} from '@tacoplex/vocabulary';

/**
 * Until when frames may be forwarded, in memory that both threads see: one double, CLOCK_MONOTONIC in ms, 0: not at all.
 * An aligned double is one store and one load on every machine Node runs on; it is never seen half written.
 */
export function createLeaseMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

/** The end that hears the elector. */
export class LeaseWriter {
  readonly #until: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#until = new Float64Array(memory);
  }

  /** Take the elector's word. What it says of a time yet to come counts as said now. */
  renew(mayForward: boolean, saidAt: MonotonicMs, leaseMs: number, now: MonotonicMs): void {
    this.#until[0] = mayForward ? Math.min(saidAt, now) + leaseMs : 0;
  }

  isOver(now: MonotonicMs): boolean {
    return now >= (this.#until[0] ?? 0);
  }
}

/**
 * The frame loop's end. It looks at the clock for every frame: `performance.now()` takes some 40 ns, about one in a
 * hundred of what a frame costs, and a remembered time could let a frame pass too late when frames are rare.
 */
export class LeaseReader {
  readonly #until: Float64Array;
  /** `performance.now()` counts from the start of its thread, the lease from the machine's. */
  readonly #offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

  constructor(memory: SharedArrayBuffer) {
    this.#until = new Float64Array(memory);
  }

  isOver(): boolean {
    return performance.now() + this.#offsetMs >= this.#until[0]!;
  }
}
