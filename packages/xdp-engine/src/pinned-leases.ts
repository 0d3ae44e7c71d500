import {WorldError} from '@tacoplex/errors';
import {bootTimeNs, type MappedMemory, mapPinnedMemory, usualBpffs} from '@tacoplex/kernel';
import type {MonotonicMs} from '@tacoplex/vocabulary';
import {XdpLease} from './control.ts';
import {pinnedControls, pinsOf} from './pins.ts';

/**
 * The leases of what a predecessor has left on an interface, kept while there is no engine yet. Nothing but the lease is
 * written, and that stands at one place in every layout.
 */
export class PinnedLeases {
  readonly #memories: readonly MappedMemory[];
  readonly #leases: readonly XdpLease[];

  /** None, where nothing is pinned or the kernel does not let us: then the engine will say why. */
  constructor(interfaceName: string, bpffs = usualBpffs) {
    this.#memories = openControls(bpffs, interfaceName);
    this.#leases = this.#memories.map(({buffer}) => new XdpLease(buffer, bootTimeNs));
  }

  renewLease(mayForward: boolean, saidAt: MonotonicMs, leaseMs: number, now: MonotonicMs): void {
    for (const lease of this.#leases) {
      lease.renew(mayForward, saidAt, leaseMs, now);
    }
  }

  forwardForEver(): void {
    for (const lease of this.#leases) {
      lease.forwardForEver();
    }
  }

  /** The leases stay as they are. */
  close(): void {
    for (const memory of this.#memories) {
      memory.close();
    }
  }
}

function openControls(bpffs: string, interfaceName: string): MappedMemory[] {
  try {
    return pinnedControls(pinsOf(bpffs, interfaceName)).map(path => mapPinnedMemory(path, false));
  } catch (error) {
    if (error instanceof WorldError || (error instanceof Error && 'syscall' in error)) {
      return [];
    }

    throw error;
  }
}
