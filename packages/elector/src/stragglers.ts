import type {Clock} from '@tacoplex/clock';
import type {Log} from '@tacoplex/log';
import type {LevelerId} from '@tacoplex/vocabulary';

const tellEveryMs = 60_000;

/** Tells who still signs with a key that was retired: each at once, then at most once a minute. */
export class Stragglers {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #toldMs = new Map<LevelerId, number>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  note(leveler: LevelerId): void {
    const now = this.#clock.now();
    if (now - (this.#toldMs.get(leveler) ?? -Infinity) >= tellEveryMs) {
      this.#toldMs.set(leveler, now);
      this.#log.warn('retired key believed, as the config file wants it', {leveler, mode: 'permissive'});
    }
  }
}
