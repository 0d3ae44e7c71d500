import type {Clock} from '@tacoplex/clock';

/** Within this, a cause is told as often as `atOnce` allows; what comes on top is counted, and told when it is over. */
const tellEveryMs = 60_000;

/** Says one occurrence. @param count how many happened since this cause was last told; 1 at first */
export type Tell = (count: number) => void;

type Seen = {readonly tell: Tell; readonly lines: number; readonly untold: number; readonly cancel: () => void};

/**
 * Tells of a thing once, however often it happens: at its first time, then once a minute for as long as it goes on happening,
 * with the number of times. What happens is known by its cause, not by its words, so that two causes in turn are two lines.
 *
 * The caller draws causes from a small set, such as error codes; nothing is forgotten sooner than after a minute.
 */
export class Repeats {
  readonly #clock: Clock;
  readonly #atOnce: number;
  readonly #seen = new Map<string, Seen>();

  /** @param atOnce how often in a minute a cause is told before it is only counted, 1 or more */
  constructor(clock: Clock, atOnce = 1) {
    this.#clock = clock;
    this.#atOnce = atOnce;
  }

  /** It happened, and is told now or within a minute. */
  note(cause: string, tell: Tell): void {
    const seen = this.#seen.get(cause);
    if (seen === undefined) {
      this.#begin(cause, tell);
      tell(1);
    } else if (seen.lines < this.#atOnce) {
      this.#seen.set(cause, {...seen, lines: seen.lines + 1});
      tell(1);
    } else {
      this.#seen.set(cause, {...seen, tell, untold: seen.untold + 1});
    }
  }

  /** Tells no more of what happened until now: what happens next is told at once, as if it were the first time. */
  forget(): void {
    for (const {cancel} of this.#seen.values()) {
      cancel();
    }

    this.#seen.clear();
  }

  #begin(cause: string, tell: Tell): void {
    const cancel = this.#clock.after(tellEveryMs, () => this.#end(cause));
    this.#seen.set(cause, {tell, lines: 1, untold: 0, cancel});
  }

  #end(cause: string): void {
    const seen = this.#seen.get(cause);
    this.#seen.delete(cause);
    if (seen !== undefined && seen.untold > 0) {
      this.#begin(cause, seen.tell);
      seen.tell(seen.untold);
    }
  }
}

/** The field that says how many times are meant; none for once. */
export function fieldOfCount(count: number): {readonly count?: number} {
  return count === 1 ? {} : {count};
}
