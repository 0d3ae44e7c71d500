import type {Clock} from '@tacoplex/clock';
import type {Log} from '@tacoplex/log';
import type {Loss} from './mail.ts';

const tellEveryMs = 60_000;

/** Part of a healthy net: late, or meant for another. */
const harmless: ReadonlySet<Loss> = new Set(['own', 'stale', 'stray', 'other-lineage']);

/** Counts datagrams that changed nothing, by class, and tells of the strange ones: at once, then each minute. */
export class LossLog {
  readonly counts = new Map<Loss, number>();
  readonly #log: Log;
  readonly #clock: Clock;
  #untold = new Map<Loss, number>();
  #cancel: (() => void) | undefined;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  count(loss: Loss): void {
    this.counts.set(loss, (this.counts.get(loss) ?? 0) + 1);
    if (harmless.has(loss)) {
      return;
    }

    this.#untold.set(loss, (this.#untold.get(loss) ?? 0) + 1);
    if (this.#cancel === undefined) {
      this.#tell();
    }
  }

  stop(): void {
    this.#cancel?.();
  }

  #tell(): void {
    this.#cancel = undefined;
    if (this.#untold.size > 0) {
      this.#log.warn('datagrams dropped', {...Object.fromEntries(this.#untold), ...adviceOn(this.#untold)});
      this.#untold = new Map();
      this.#cancel = this.#clock.after(tellEveryMs, () => this.#tell());
    }
  }
}

/** What an operator can do about a class that comes of a mistake more often than of malice. */
function adviceOn(losses: ReadonlyMap<Loss, number>): {readonly advice?: string} {
  if (losses.has('unknown-key')) {
    return {advice: 'keys differ: taco key export FILE where all is well; bring it here as the key_file, and restart'};
  }

  return losses.has('wrong-cluster') ? {advice: 'another cluster has this key: give each cluster its own'} : {};
}
