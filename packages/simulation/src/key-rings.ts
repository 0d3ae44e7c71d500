import {
  followKeys,
  type HeldKey,
  type HeldKeys,
  type Key,
  type ShownKeys,
  shownOf,
  type WantedKeys,
} from '@tacoplex/cluster';
import {isMember, type Member, strongest, type Value} from '@tacoplex/election';
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

  /** Whether all that run have the keys of the state that they follow, and count its steps. */
  get areLevel(): boolean {
    return this.#simulation.upMachines.every(
      ({ring, wantedKeys}) => wantedKeys === undefined || isLevel(ring, wantedKeys),
    );
  }

  /**
   * An operator brings the keys of the cluster to those that have none in common with it, as they were left behind, or led a
   * cluster of their own: once no step is under way any more, which might leave them behind again.
   */
  help(): void {
    const {machines, nowMs} = this.#simulation;
    const donor = furthestOn(machines.filter(machine => this.#counts(machine)));
    if (donor !== undefined && (this.#isStepUnderWay(donor) || nowMs - this.#forcedMs < stepMs)) {
      this.#simulation.after(helpAgainMs, () => this.help());
      return;
    }

    for (const machine of machines) {
      if (donor !== undefined && machine !== donor && !haveCommonKeys(machine, donor)) {
        this.#bring(machine, donor);
      }
    }

    this.#leftBehind.clear();
  }

  /** What lies on its disk is older, whatever it counts. */
  #bring(machine: Machine, donor: Machine): void {
    const {value} = machine.disk;
    const {rotation, lineage, keys} = donor.ring;
    this.#simulation.say(`an operator brings ${nameOf(machine.id)} the keys of ${nameOf(donor.id)}`);
    machine.ring = {rotation, lineage, keys, ...(value === undefined ? {} : {newerThan: stepOf(value)})};
    this.#simulation.restart(machine.id);
  }

  /** What one that was left behind holds may never be committed there. */
  #isStepUnderWay(donor: Machine): boolean {
    return this.#simulation.machines.some(
      machine => this.#counts(machine) && isOfOneLine(machine, donor) && isUnderWay(machine),
    );
  }

  #counts({id, state}: Machine): boolean {
    return isMember(state.held, id) && !this.#leftBehind.has(id);
  }

  #work(machine: Machine): void {
    const {wantedKeys, ring, isKeepingKeys} = machine;
    if (wantedKeys === undefined || isKeepingKeys) {
      return;
    }

    const held = followed(ring, wantedKeys);
    if (isChanged(ring, held)) {
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

function stepOf(value: Value): NonNullable<Ring['newerThan']> {
  return {lineage: value.lineage, rotation: toyOf(value).keys.rotation};
}

/** Before the first step a state names no keys. */
function isLevel({lineage, rotation}: Ring, wanted: WantedKeys): boolean {
  return wanted.keyRotation === 0 || (lineage === wanted.lineage && rotation === wanted.keyRotation);
}

/** A key step that it holds, committed or not, has not taken effect there. */
function isUnderWay({state: {held}, ring}: Machine): boolean {
  return held !== undefined && isChanged(ring, followed(ring, wantedKeys(held)));
}

function followed(ring: Ring, wanted: WantedKeys): Ring {
  return followKeys(ring, wanted, key => obtain(ring, key)).held;
}

function isChanged(ring: Ring, other: Ring): boolean {
  return ring !== other && JSON.stringify(ring) !== JSON.stringify(other);
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

/** Of the cluster that the others give theirs up for, the member that has taken most steps. */
function furthestOn(machines: readonly Machine[]): Machine | undefined {
  const lineage = strongest(machines.flatMap(claimOf))?.lineage;
  const [first, ...others] = machines.filter(({state}) => state.held?.lineage === lineage);
  return others.reduce((best, other) => (stepsOf(other) > stepsOf(best as Machine) ? other : best), first);
}

function claimOf({state: {held, term}}: Machine) {
  return held === undefined ? [] : [{forks: held.forks, memberCount: held.members.length, term, lineage: held.lineage}];
}

/** A ring of another lineage has taken none of this one. */
function stepsOf({ring: {rotation, lineage}, state}: Machine): number {
  return lineage === state.held?.lineage ? rotation : 0;
}
