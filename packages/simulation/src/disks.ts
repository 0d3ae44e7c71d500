import type {Event, Memory, Value} from '@tacoplex/election';
import {compareVersions} from '@tacoplex/vocabulary';
import type {Chance} from './chance.ts';
import type {Machine} from './machine.ts';
import {type Weakness, weakenMemory, weakenSoundness} from './weakness.ts';

/** How long after a write that failed it is tried again. */
export const tryAgainMs = 1000;

type Parts = {
  readonly without: Weakness | undefined;
  readonly chance: Chance;
  /** What a write takes at most. */
  readonly slowestMs: number;
  readonly nowMs: () => number;
  /** In the same life of an elector. */
  readonly later: (machine: Machine, ms: number, run: () => void) => void;
  readonly give: (machine: Machine, event: Extract<WithoutTime, {kind: 'saved' | 'stored'}>) => void;
};

type WithoutTime = Event extends infer T ? (T extends unknown ? Omit<T, 'nowMs'> : never) : never;

/**
 * The disks of all levelers: slow, and at times full. One that is full takes neither file; what could not be written is tried
 * again until it is, or something newer is wanted.
 */
export class Disks {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One write after the other, each as slow as it likes. */
  write(machine: Machine, write: () => void): void {
    const {chance, slowestMs, nowMs, later} = this.#parts;
    machine.diskFreeMs = Math.max(machine.diskFreeMs, nowMs()) + chance.between(0, slowestMs);
    later(machine, machine.diskFreeMs - nowMs(), write);
  }

  save(machine: Machine, memory: Memory): void {
    machine.wanted.memory = memory;
    this.write(machine, () => this.#save(machine, memory));
  }

  store(machine: Machine, value: Value, sound: boolean): void {
    machine.wanted.value = value;
    const {without} = this.#parts;
    this.write(machine, () => this.#store(machine, value, weakenSoundness(without, sound)));
  }

  forget(machine: Machine): void {
    machine.disk = {memory: undefined, value: undefined, valueSound: false};
    machine.wanted = {memory: undefined, value: undefined};
  }

  #save(machine: Machine, memory: Memory): void {
    if (this.#isFull(machine)) {
      if (isOutdated(machine.disk.value, memory)) {
        machine.disk.memory = undefined; // Lest the older state be believed; a file can be taken away from a full disk
      }

      const isWanted = (): boolean => machine.wanted.memory === memory;
      this.#tryAgain(machine, isWanted, () => this.#save(machine, memory));
      return;
    }

    machine.disk.memory = weakenMemory(this.#parts.without, memory);
    this.#parts.give(machine, {kind: 'saved', memory});
  }

  #store(machine: Machine, value: Value, sound: boolean): void {
    if (machine.state.held !== value) {
      return; // A newer one is on its way to the disk
    }

    if (this.#isFull(machine)) {
      const isWanted = (): boolean => machine.wanted.value === value;
      this.#tryAgain(machine, isWanted, () => this.#store(machine, value, sound));
      if (this.#parts.without !== 'storing') {
        return;
      }
    } else {
      machine.disk.value = value;
      machine.disk.valueSound = sound;
    }

    this.#parts.give(machine, {kind: 'stored', stamp: value});
  }

  #isFull({diskFullUntilMs}: Machine): boolean {
    return this.#parts.nowMs() < diskFullUntilMs;
  }

  #tryAgain(machine: Machine, isWanted: () => boolean, write: () => void): void {
    this.#parts.later(machine, tryAgainMs, () => {
      if (isWanted()) {
        write();
      }
    });
  }
}

/** What has taken effect is newer than the state on the disk. */
function isOutdated(onDisk: Value | undefined, {committed}: Memory): boolean {
  return onDisk !== undefined && committed !== undefined && compareVersions(committed, onDisk.version) > 0;
}
