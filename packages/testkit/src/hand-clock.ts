import type {Clock} from '@tacoplex/clock';
import type {MonotonicMs} from '@tacoplex/vocabulary';

type Timer = {readonly id: number; due: number; readonly everyMs: number | undefined; readonly callback: () => void};

/** A clock that moves when told to. Timers that are due together fire in the order they were started. */
export class HandClock implements Clock {
  #now = 0;
  #nextId = 0;
  readonly #timers = new Map<number, Timer>();

  now(): MonotonicMs {
    return this.#now as MonotonicMs;
  }

  after(ms: number, callback: () => void): () => void {
    return this.#start(ms, undefined, callback);
  }

  every(ms: number, callback: () => void): () => void {
    return this.#start(ms, ms, callback);
  }

  /** At once: nothing waits to be read. */
  soon(callback: () => void): () => void {
    callback();
    return () => {};
  }

  /** Lets `ms` pass and fires what comes due, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      this.#now = Math.max(this.#now, next.due);
      if (next.everyMs === undefined) {
        this.#timers.delete(next.id);
      } else {
        next.due += next.everyMs;
      }

      next.callback();
    }

    this.#now = end;
  }

  #start(ms: number, everyMs: number | undefined, callback: () => void): () => void {
    const id = this.#nextId++;
    this.#timers.set(id, {id, due: this.#now + ms, everyMs, callback});
    return () => this.#timers.delete(id);
  }

  #nextDue(end: number): Timer | undefined {
    return [...this.#timers.values()]
      .filter(({due}) => due <= end)
      .sort((one, other) => one.due - other.due || one.id - other.id)[0];
  }
}
