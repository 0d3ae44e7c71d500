import type {Incoming} from '@tacoplex/messages';
import type {MonotonicMs} from '@tacoplex/vocabulary';

/**
 * Until when frames may be forwarded, in memory that both threads see: one double, CLOCK_MONOTONIC in ms, 0: not at all,
 * Infinity: for ever.
 * An aligned double is one store and one load on every machine Node runs on; it is never seen half written.
 */
export function createLeaseMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

/**
 * Whether a view shows this leveler as the only member of its cluster that has a data path. Then nobody takes over when its elector falls
 * silent, and a data path that stops would only do harm. Those that were heard and are no members do not count: without
 * this elector they do not become any.
 */
export function isOnlyMember({self, peers}: Pick<Incoming<'elector.view'>, 'self' | 'peers'>): boolean {
  const members = peers.filter(({member, witness}) => member && !witness);
  return members.length === 1 && members[0]?.id === self;
}

/** What may forward for as long as it is told to. */
export type Leased = {
  renewLease(mayForward: boolean, saidAt: MonotonicMs, leaseMs: number, now: MonotonicMs): void;
  forwardForEver(): void;
};

/** The one rule of how long a data path may go on: what the elector's word allows from when it was true, and no longer. */
export function obey(
  view: Incoming<'elector.view'>,
  leased: Leased,
  {leaseMs, now}: {readonly leaseMs: number; readonly now: MonotonicMs},
): void {
  if (view.mayForward && isOnlyMember(view)) {
    leased.forwardForEver();
  } else {
    leased.renewLease(view.mayForward, view.leaseFromMs as MonotonicMs, leaseMs, now);
  }
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

  /** Forward without a lease: there is nobody else who could. */
  forwardForEver(): void {
    this.#until[0] = Number.POSITIVE_INFINITY;
  }

  /** Forward no more. */
  end(): void {
    this.#until[0] = 0;
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
  readonly #offsetMs = measureOffsetMs();

  constructor(memory: SharedArrayBuffer) {
    this.#until = new Float64Array(memory);
  }

  isOver(): boolean {
    return performance.now() + this.#offsetMs >= this.#until[0]!;
  }
}

const tries = 16;

/**
 * `performance.now()` counts from the start of its thread, the lease from the machine's: how far they are apart. Whoever
 * is held up between reading the two is far off, so the tightest of some pairs counts.
 */
function measureOffsetMs(): number {
  const pairs = Array.from({length: tries}, () => {
    const before = performance.now();
    const machineMs = Number(process.hrtime.bigint()) / 1e6;
    return {widthMs: performance.now() - before, offsetMs: machineMs - before};
  });
  return pairs.reduce((best, pair) => (pair.widthMs < best.widthMs ? pair : best)).offsetMs;
}
