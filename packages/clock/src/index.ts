import type {MonotonicMs} from '@tacoplex/vocabulary';

/** Time, handed in: a test hands in a clock that moves when told to. */
export type Clock = {
  /** CLOCK_MONOTONIC: never steps, the same for all processes of one machine. */
  now(): MonotonicMs;

  /** Calls once, no sooner than `ms` from now. @returns cancels it; harmless afterwards */
  after(ms: number, callback: () => void): () => void;

  /** Calls again and again, first after `ms`. A late call is not made up for. @returns ends it */
  every(ms: number, callback: () => void): () => void;

  /** Calls once, after all that has come in by now was read, and before any timer. @returns cancels it; harmless afterwards */
  soon(callback: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => (Number(process.hrtime.bigint() / 1000n) / 1000) as MonotonicMs,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
  soon(callback) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};
