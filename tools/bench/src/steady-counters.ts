import {reasons, shellReasons} from '@tacoplex/leveling';
import {type CounterArrays, createCounterArrays, PinnedCounters} from '@tacoplex/xdp-engine';

/** What the data path has counted since it was installed. */
export type Counted = {
  /** Frames sent to servers. */
  readonly forwarded: number;
  /** Frames that left any other way, by reason; without those of which there are none. */
  readonly reasons: Readonly<{[reason: string]: number}>;
};

const names: readonly string[] = [...reasons, ...shellReasons];
const servers = [1, 2, 3, 4];

/** A reader of the data path's counters beside the process that owns them, as a monitor would be. */
export class SteadyCounters {
  readonly #arrays: CounterArrays = createCounterArrays();
  readonly #pinned: PinnedCounters;

  /** @throws WorldError KERNEL_REFUSED if there is no data path */
  constructor(bpffs: string, interfaceName: string) {
    this.#pinned = new PinnedCounters(bpffs, interfaceName);
  }

  read(): Counted {
    this.#pinned.readInto(this.#arrays, servers);
    const [forwarded = 0, ...others] = this.#arrays.reasons;
    return {forwarded, reasons: namedCounts(others)};
  }

  close(): void {
    this.#pinned.close();
  }
}

/** @param counts from reason 1 on */
function namedCounts(counts: readonly number[]): Counted['reasons'] {
  return Object.fromEntries(counts.map((count, index) => [names[index + 1] ?? '', count]).filter(([, count]) => count));
}

/** What was counted from one reading to the next. */
export function countedBetween(before: Counted, after: Counted): Counted {
  const changes = Object.entries(after.reasons).map(([name, count]) => [name, count - (before.reasons[name] ?? 0)]);
  return {
    forwarded: after.forwarded - before.forwarded,
    reasons: Object.fromEntries(changes.filter(([, count]) => count !== 0)),
  };
}
