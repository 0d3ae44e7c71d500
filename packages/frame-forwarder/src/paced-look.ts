import type {Clock} from '@tacoplex/clock';

/** A change is told in many messages: so long is waited for the others. */
const settleMs = 20;

/** So many looks at once, and one more each second: a change now and then is seen at once, whatever changes all the time costs little. */
const burst = 5;
const everyMs = 1000;

/** Of the time, looks take a fifth at most, however long one takes. */
const restPerWork = 4;

/** Looks at something after it has changed, once for many changes, and never twice at once. */
export class PacedLook {
  readonly #clock: Clock;
  readonly #look: () => Promise<void>;
  #cancel: (() => void) | undefined;
  #isLooking = false;
  #isWanted = false;
  #isClosed = false;
  /** When all of a burst may be spent again, and when the last look has been rested from. */
  #freshMs = Number.NEGATIVE_INFINITY;
  #restedMs = Number.NEGATIVE_INFINITY;

  /** @param look must not reject; one that has begun goes on when this is closed */
  constructor(clock: Clock, look: () => Promise<void>) {
    this.#clock = clock;
    this.#look = look;
  }

  /** It has changed. */
  soon(): void {
    this.#isWanted = true;
    if (!this.#isLooking && !this.#isClosed) {
      this.#cancel ??= this.#clock.after(this.#waitMs(), () => void this.now());
    }
  }

  /** Without waiting. */
  async now(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#isWanted = false;
    this.#isLooking = true;
    const startMs = this.#clock.now();
    await this.#look();
    const endMs = this.#clock.now();
    this.#freshMs = Math.max(this.#freshMs, startMs) + everyMs;
    this.#restedMs = endMs + restPerWork * (endMs - startMs);
    this.#isLooking = false;
    if (this.#isWanted) {
      this.soon();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #waitMs(): number {
    const allowedMs = this.#freshMs - (burst - 1) * everyMs;
    return Math.max(settleMs, Math.max(allowedMs, this.#restedMs) - this.#clock.now());
  }
}
