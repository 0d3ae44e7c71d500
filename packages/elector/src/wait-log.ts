import type {Clock} from '@tacoplex/clock';
import {type Log, Repeats} from '@tacoplex/log';

/**
 * Watches how long datagrams wait between the kernel and this process. Longer than a beat, and the machine leaves the
 * elector too little time: told at once, then each minute while it lasts.
 */
export class WaitLog {
  /** Datagrams that waited for longer than the limit. */
  count = 0;
  readonly #log: Log;
  readonly #repeats: Repeats;
  readonly #limitMs: number;
  #worstMs = 0;

  constructor(log: Log, clock: Clock, limitMs: number) {
    this.#log = log;
    this.#repeats = new Repeats(clock);
    this.#limitMs = limitMs;
  }

  /** @param waitedMs of one datagram; undefined: not known */
  note(waitedMs: number | undefined): void {
    if (waitedMs === undefined || waitedMs <= this.#limitMs) {
      return;
    }

    this.count++;
    this.#worstMs = Math.max(this.#worstMs, waitedMs);
    this.#repeats.note('waited', waits => {
      this.#log.warn('datagrams waited, the machine is too busy for this process', {
        count: waits,
        worst_ms: Math.round(this.#worstMs),
      });
      this.#worstMs = 0;
    });
  }

  stop(): void {
    this.#repeats.forget();
  }
}
