import type {Clock} from '@tacoplex/clock';
import {type Log, Repeats} from '@tacoplex/log';
import type {Loss} from './mail.ts';

/** Part of a healthy net: late, or meant for another. */
const harmless: ReadonlySet<Loss> = new Set(['own', 'stale', 'stray', 'other-lineage']);

/** Counts datagrams that changed nothing, by class, and tells of the strange ones: of each class at once, then each minute. */
export class LossLog {
  readonly counts = new Map<Loss, number>();
  readonly #log: Log;
  readonly #repeats: Repeats;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#repeats = new Repeats(clock);
  }

  count(loss: Loss): void {
    this.counts.set(loss, (this.counts.get(loss) ?? 0) + 1);
    if (harmless.has(loss)) {
      return;
    }

    this.#repeats.note(loss, count => {
      this.#log.warn('datagrams dropped', {[loss]: count, ...adviceOn(loss)});
    });
  }

  stop(): void {
    this.#repeats.forget();
  }
}

/** What an operator can do about a class that comes of a mistake more often than of malice. */
function adviceOn(loss: Loss): {readonly advice?: string} {
  if (loss === 'unknown-key') {
    return {advice: 'keys differ: taco key export FILE where all is well; bring it here as the key_file, and restart'};
  }

  return loss === 'wrong-cluster' ? {advice: 'another cluster has this key: give each cluster its own'} : {};
}
