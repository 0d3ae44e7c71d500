import {type MappedMemory, mapPinnedMemory} from '@tacoplex/kernel';
import {type CounterArrays, createCounterArrays, XdpCounters} from './counters.ts';
import {pinsOf} from './pins.ts';

/** What a data path has counted, read beside the process that owns it, or without one. */
export class PinnedCounters {
  readonly #memory: MappedMemory;
  readonly #counters: XdpCounters;
  readonly #none = createCounterArrays();

  /** @throws WorldError KERNEL_REFUSED if no data path of our layout is pinned there */
  constructor(bpffs: string, interfaceName: string) {
    this.#memory = mapPinnedMemory(`${pinsOf(bpffs, interfaceName).maps}/counters`, true);
    this.#counters = new XdpCounters(this.#memory.buffer);
  }

  /** Bring `into` up to date. @param servers numbers of those that are looked at */
  readInto(into: CounterArrays, servers: readonly number[]): void {
    this.#counters.readInto(into, this.#none, servers, [0, 0]);
  }

  close(): void {
    this.#memory.close();
  }
}
