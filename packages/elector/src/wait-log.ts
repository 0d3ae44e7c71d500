import type {Clock} from '@tacoplex/clock';
import type {Log} from '@tacoplex/log';

const tellEveryMs = 60_000;

/**
 * Watches how long datagrams wait between the kernel and this process. Longer than a beat, and the machine leaves the
 * elector too little time: told at once, then each minute while it lasts.
 */
export class WaitLog {
  /** Datagrams that waited for longer than the limit. */
  count = 0;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #limitMs: number;
  #untold = 0;
  #worstMs = 0;
  #cancel: (() => void) | undefined;

  constructor(log: Log, clock: Clock, limitMs: number) {
    this.#log = log;
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** @param waitedMs of one datagram; undefined: not known */
  note(waitedMs: number | undefined): void {
    if (waitedMs === undefined || waitedMs <= this.#limitMs) {
      return;
    }

    this.count++;
    this.#untold++;
    this.#worstMs = Math.max(this.#worstMs, waitedMs);
    if (this.#cancel === undefined) {
      this.#tell();
    }
  }

  stop(): void {
    this.#cancel?.();
  }

  #tell(): void {
    this.#cancel = undefined;
    if (this.#untold > 0) {
      this.#log.warn('datagrams waited, the machine is too busy for this process', {
        count: this.#untold,
        worst_ms: Math.round(this.#worstMs),
      });
      this.#untold = 0;
      this.#worstMs = 0;
      this.#cancel = this.#clock.after(tellEveryMs, () => this.#tell());
    }
  }
}
