import {bootTimeNs, type MappedMemory, mapPinnedMemory, type Program, type XdpLink} from '@tacoplex/kernel';
import {XdpLease} from './control.ts';
import {type Pins, pinnedOldControls, removeOldMaps} from './pins.ts';

/**
 * What is done one after the other; whoever is killed in between has a successor that goes on from there. `loaded`: our
 * program and maps are there, and pinned; `filled`: they have an image and a lease; `replaced`: our program is the one
 * attached; `removed`: nothing is left of maps of other layouts.
 */
export type SuccessionStep = 'loaded' | 'filled' | 'replaced' | 'removed';

type SuccessionParts = {
  readonly link: XdpLink;
  readonly program: Program;
  readonly pins: Pins;
  /** Whether a predecessor's program is attached; else ours is. */
  readonly adopted: boolean;
  readonly onStep: (step: SuccessionStep) => void;
};

/**
 * Replaces the predecessor's program by ours, by one link update: each frame meets one or the other. If its maps are of
 * another layout ours are empty at first, and it goes on until there is an image and a lease; meanwhile its lease is
 * kept beside ours, for nobody else does.
 */
export class Succession {
  readonly #parts: SuccessionParts;
  readonly #memories: readonly MappedMemory[];
  readonly #leases: readonly XdpLease[];
  #isOver: boolean;

  constructor(parts: SuccessionParts) {
    this.#parts = parts;
    this.#isOver = !parts.adopted;
    if (this.#isOver) {
      removeOldMaps(parts.pins); // Their program went with its interface
    }

    this.#memories = pinnedOldControls(parts.pins).map(path => mapPinnedMemory(path, false));
    this.#leases = this.#memories.map(({buffer}) => new XdpLease(buffer, bootTimeNs));
  }

  /** Whether our program is the one that forwards. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Those of predecessors of other layouts. */
  get leases(): readonly XdpLease[] {
    return this.#isOver ? [] : this.#leases;
  }

  /** @param isReady whether our maps have an image, and a lease that is as good as the predecessor's */
  proceed(isReady: boolean): void {
    if (this.#isOver || !isReady) {
      return;
    }

    const {link, program, pins, onStep} = this.#parts;
    onStep('filled');
    link.update(program);
    onStep('replaced');
    this.#isOver = true;
    this.close();
    removeOldMaps(pins);
    onStep('removed');
  }

  /** Whatever is not done yet is left to the next process. Harmless the second time. */
  close(): void {
    for (const memory of this.#memories) {
      memory.close();
    }
  }
}
