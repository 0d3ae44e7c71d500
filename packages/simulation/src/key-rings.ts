import {
  followKeys,
  type HeldKey,
  type HeldKeys,
  type Key,
  type ShownKeys,
  shownOf,
  type WantedKeys,
} from '@tacoplex/cluster';
import {isMember, type Member, type Value} from '@tacoplex/election';
import type {LevelerId} from '@tacoplex/vocabulary';
import type {Machine} from './machine.ts';
import {nameOf} from './play.ts';
import type {Simulation} from './simulation.ts';
import {type ToyCommand, toyOf} from './toy-content.ts';
import {toKey} from './toy-keys.ts';
import {Violation} from './violation.ts';

const helpAgainMs = 100;

/** A step that a leader has carried out is on the disks of those whom it reaches by then, or it is lost. */
const stepMs = 400;

/** The keys of one leveler, as they stand on its disk. */
export type Ring = HeldKeys<HeldKey>;

export const firstRing: Ring = {rotation: 0, lineage: '', keys: [{fingerprint: '0'.repeat(16), stage: 'current'}]};

export function sendsWith(ring: Ring): string {
  return shownOf(ring).sends;
}

/** Whether what is signed with a key is taken. */
export function believes({keys}: Ring, name: string): boolean {
  return keys.some(({fingerprint, stage}) => fingerprint === name && stage !== 'retired');
}

/** The rings of all levelers: each follows the state that took effect, first on its disk, then in use, then in its beats. */
export class KeyRings {
  readonly #simulation: Simulation;
  /** Members that an operator gave up for a key step: without help they may hear nobody any more. */
  readonly #leftBehind = new Set<LevelerId>();
  #forcedMs = Number.NEGATIVE_INFINITY;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** A state took effect at an elector. */
  follow(machine: Machine, value: Value): void {
    machine.wantedKeys = wantedKeys(value);
    this.#work(machine);
  }

  /** A leader has carried out a command. @param shown the keys of those that it hears */
  noteCommand({keyStep}: ToyCommand, members: readonly Member[], shown: ShownKeys): void {
    if (keyStep !== undefined && keyStep.kind !== 'addKey' && keyStep.force) {
      for (const {id} of members.filter(member => !shown.has(member.id))) {
        this.#leftBehind.add(id);
        this.#forcedMs = this.#simulation.nowMs;
      }
    }
  }

  /**
   * E7: of two members that live each believes what the other signs with, unless an operator has left one behind. When a
   * ring, a state or who lives has changed.
   *
   * @throws Violation
   */
  check(): void {
    const live = this.#simulation.machines.filter(machine => machine.up && this.#counts(machine));
    for (const speaker of live) {
      for (const hearer of live) {
        if (isOfOneLine(speaker, hearer) && !believes(hearer.ring, sendsWith(speaker.ring))) {
          const key = sendsWith(speaker.ring).slice(0, 8);
          throw new Violation(
            'E7',
            `${nameOf(hearer.id)} does not believe ${nameOf(speaker.id)}, which signs with ${key}`,
          );
        }
      }
    }
  }

  /**
   * An operator brings the keys of the cluster to those that were left behind, or come from a cluster of their own: once no
   * step is under way any more, which might leave them behind again.
   */
  help(): void {
    const {machines, nowMs} = this.#simulation;
    const donor = machines.filter(machine => this.#counts(machine)).reduce<Machine | undefined>(better, undefined);
    if (donor !== undefined && (isUnderWay(donor) || nowMs - this.#forcedMs < stepMs)) {
      this.#simulation.after(helpAgainMs, () => this.help());
      return;
    }

    for (const machine of donor === undefined ? [] : machines) {
      const isStrange = !this.#counts(machine) || !isOfOneLine(machine, donor as Machine);
      if (machine !== donor && isStrange && !haveCommonKeys(machine, donor as Machine)) {
        this.#bring(machine, donor as Machine);
      }
    }

    this.#leftBehind.clear();
  }

  #bring(machine: Machine, donor: Machine): void {
    this.#simulation.say(`an operator brings ${nameOf(machine.id)} the keys of ${nameOf(donor.id)}`);
    machine.ring = donor.ring;
    this.#simulation.restart(machine.id);
  }

  #counts({id, state}: Machine): boolean {
    return isMember(state.held, id) && !this.#leftBehind.has(id);
  }

  #work(machine: Machine): void {
    const {wantedKeys, ring, isKeepingKeys} = machine;
    if (wantedKeys === undefined || isKeepingKeys) {
      return;
    }

    const {held} = followKeys(ring, wantedKeys, key => obtain(ring, key));
    if (held !== ring && JSON.stringify(held) !== JSON.stringify(ring)) {
      machine.isKeepingKeys = true;
      this.#simulation.onDisk(machine, () => this.#keep(machine, held));
    }
  }

  #keep(machine: Machine, ring: Ring): void {
    machine.ring = ring;
    machine.isKeepingKeys = false;
    const keys = ring.keys.map(({fingerprint, stage}) => `${fingerprint.slice(0, 8)} ${stage}`).join(', ');
    this.#simulation.say(`${nameOf(machine.id)} has other keys: ${keys}`);
    this.#simulation.tellAbout(machine, {keys: shownOf(ring)});
    this.check();
    this.#work(machine);
  }
}

/** What a state says of the keys. */
function wantedKeys(value: Value): WantedKeys {
  const {rotation, keys} = toyOf(value).keys;
  return {keyRotation: rotation, lineage: value.lineage, keys: keys.map(toKey)};
}

/** A key step that it holds has not taken effect there. */
function isUnderWay({state: {held}, ring}: Machine): boolean {
  return held !== undefined && toyOf(held).keys.rotation > ring.rotation;
}

/** Who has the key that another was sealed with can open it. */
function obtain({keys}: Ring, {fingerprint, sealed}: Key): Omit<HeldKey, 'stage'> | undefined {
  return keys.some(key => key.fingerprint === sealed?.by) ? {fingerprint} : undefined;
}

function isOfOneLine(one: Machine, other: Machine): boolean {
  return one.state.held?.lineage === other.state.held?.lineage;
}

function haveCommonKeys({ring}: Machine, other: Machine): boolean {
  return believes(ring, sendsWith(other.ring)) && believes(other.ring, sendsWith(ring));
}

/** Of two clusters the one with more members; of two members the one that is further on. */
function better(best: Machine | undefined, other: Machine): Machine {
  const [most, more] = [best, other].map(machine => machine?.state.held?.members.length ?? 0) as [number, number];
  return best === undefined || more > most || (more === most && other.ring.rotation > best.ring.rotation)
    ? other
    : best;
}
