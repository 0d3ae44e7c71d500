import {refreshMs} from '@tacoplex/announcing';
import {isSound} from '@tacoplex/election';
import {Chance} from './chance.ts';
import {heal, perform} from './deeds.ts';
import {type Deed, drawDeed} from './draw-deed.ts';
import {partitionOnce} from './partition.ts';
import {Simulation, type SimulationOptions} from './simulation.ts';
import {toyOf} from './toy-content.ts';
import {Violation} from './violation.ts';

export type Run = SimulationOptions & {
  readonly seed: number;
  /** 1..64; 0: the seed says, 1..7. */
  readonly levelers: number;
  /** Virtual time, ms. It ends with the first healing after that. */
  readonly forMs: number;
  /** Only these deeds happen, by number; all if undefined. */
  readonly only?: ReadonlySet<number>;
};

export type Verdict = {
  readonly seed: number;
  readonly levelers: number;
  readonly virtualMs: number;
  /** Steps of electors. */
  readonly steps: number;
  readonly violation: {readonly invariant: string; readonly what: string; readonly atMs: number} | undefined;
  readonly transcript: readonly string[];
  /** How many deeds were drawn. */
  readonly deeds: number;
  /** It ended early: so many have lost their votes that nobody may lead until an operator decides. That is by design. */
  readonly isStuck: boolean;
};

/** Deeds between two healings. */
const deedsInTrouble = 15;

/** Promises of the design, ms. */
const leaderWithinMs = 500;
const agreedWithinMs = 2000;
/** Whoever lost its files waits for a lease before it believes that nobody counts on them. */
const recoveredWithinMs = 5000;
const heldWithinMs = 300;
/** A ring is one write on a slow disk, or one after another. */
const levelWithinMs = 1000;
/** An announcer that distrusted its elector listens first before it takes anything again. */
const calmAfterMs = 1000;
/** Who missed on the wire that the router was told otherwise tells it again with the next refresh. */
const inOrderWithinMs = refreshMs + 1000;

/** Let one seed happen: trouble, healing, a single failure, and again, until its time is over. Never throws a Violation. */
export function runSeed(run: Run): Verdict {
  const chance = new Chance(run.seed ^ 0x5eed);
  const drawn = chance.pick([1, 2, 3, 3, 3, 4, 5, 5, 7]);
  const size = run.levelers === 0 ? drawn : run.levelers;
  const witnesses = run.witnesses ?? drawWitnesses(run.seed, size);
  const levIps = run.levIps ?? Math.min(size, 2);
  const simulation = new Simulation(run.seed, size, {slowestDiskMs: slowestDiskMsOf(run), ...run, witnesses, levIps});
  let deeds = 0;
  const draw = (): Deed | undefined => {
    const deed = drawDeed(chance, size);
    const number = deeds++;
    return run.only?.has(number) === false ? undefined : deed;
  };
  let violation: Verdict['violation'];
  let isStuck = false;
  try {
    beBorn(simulation);
    while (simulation.nowMs < run.forMs && !isStuck) {
      trouble(simulation, draw);
      isStuck = !recover(simulation);
      if (!isStuck) {
        failOnce(simulation, chance);
        recover(simulation);
        partitionOnce(simulation, chance);
        isStuck = !recover(simulation);
      }
    }
  } catch (error) {
    if (!(error instanceof Violation)) {
      throw error;
    }

    violation = {invariant: error.invariant, what: error.message, atMs: simulation.nowMs};
    simulation.say(error.message);
  }

  const {nowMs: virtualMs, steps, transcript} = simulation;
  return {seed: run.seed, levelers: size, virtualMs, steps, violation, transcript, deeds, isStuck};
}

/** One of three clusters that can spare a leveler has a witness; any of them may be it. */
function drawWitnesses(seed: number, size: number): number[] {
  const chance = new Chance(seed ^ 0x317);
  return size >= 3 && chance.happens(0.33) ? [chance.integer(1, size)] : [];
}

/** A forgotten vote matters where two stand in one term, which slow disks make more likely. */
function slowestDiskMsOf({without}: Run): number {
  return without === 'vote-persistence' ? 60 : 8;
}

function beBorn(simulation: Simulation): void {
  if (simulation.passUntil(() => simulation.isAgreed && simulation.segment.isInOrder, 10_000) === undefined) {
    throw new Violation('S2', 'no cluster after 10 s of calm');
  }
}

function trouble(simulation: Simulation, draw: () => Deed | undefined): void {
  simulation.say('-- trouble');
  for (let count = 0; count < deedsInTrouble; count++) {
    const deed = draw();
    if (deed !== undefined) {
      perform(simulation, deed);
    }
  }
}

/**
 * L1 and S2: once all hear each other, they have a leader soon, and one state soon after; every address has its holder.
 *
 * @returns false if too few know their votes for anybody to lead
 */
function recover(simulation: Simulation): boolean {
  const wasSound = simulation.machines.every(({disk}) => isSound(disk));
  heal(simulation);
  simulation.say('-- all is healed');
  const {nowMs: healedMs} = simulation;
  const withinMs = wasSound ? agreedWithinMs : recoveredWithinMs;
  simulation.passUntil(() => simulation.isConnected, withinMs);
  const leads = (): boolean => simulation.leaders.length > 0;
  if (wasSound && simulation.lineages === 1 && simulation.passUntil(leads, leaderWithinMs) === undefined) {
    throw new Violation('L1', `no leader ${leaderWithinMs} ms after all hear each other`);
  }

  if (simulation.passUntil(() => simulation.isAgreed, withinMs - (simulation.nowMs - healedMs)) === undefined) {
    if (!wasSound && !hasSoundMajority(simulation)) {
      return false;
    }

    throw new Violation('S2', `not agreed ${withinMs} ms after healing`);
  }

  checkAnswers(simulation);
  if (simulation.passUntil(() => simulation.keyRings.areLevel, levelWithinMs) === undefined) {
    throw new Violation('K1', `not all have the keys of the state ${levelWithinMs} ms after they agree`);
  }

  if (simulation.passUntil(() => simulation.segment.isInOrder, inOrderWithinMs) === undefined) {
    throw new Violation('L2', `${inOrderWithinMs} ms after all agree ${simulation.segment.disorder}`);
  }

  return true;
}

function hasSoundMajority({machines}: Simulation): boolean {
  return machines.filter(({state}) => state.sound).length > machines.length / 2;
}

/** E5: whatever was answered as done is in the state that all agree on; where a cluster was given up, it went with it. */
function checkAnswers(simulation: Simulation): void {
  const [leader] = simulation.leaders;
  const held = leader === undefined ? undefined : simulation.stateOf(leader).held;
  const entries = new Set(held === undefined ? [] : toyOf(held).entries);
  for (const {refusal, changes} of simulation.lineages === 1 ? simulation.answers.values() : []) {
    const lost = changes.find(entry => !entries.has(entry));
    if (refusal === '' && lost !== undefined) {
      throw new Violation('E5', `${lost} was answered as done and is lost`);
    }
  }
}

/** L2 and G1: in calm nobody takes an address; when one leveler fails, others hold what it held. */
function failOnce(simulation: Simulation, chance: Chance): void {
  const {segment} = simulation;
  simulation.say('-- calm');
  simulation.pass(calmAfterMs);
  if (simulation.passUntil(() => segment.isInOrder, inOrderWithinMs) === undefined) {
    throw new Violation('L2', `in calm ${segment.disorder}`);
  }

  const {grabs} = segment;
  simulation.pass(chance.between(500, 1500));
  if (segment.grabs > grabs || !segment.isInOrder) {
    throw new Violation('G1', 'an address changed hands although nothing had happened');
  }

  const failing = chance.pick(simulation.ids);
  if (simulation.ids.length < 2) {
    return;
  }

  simulation.say('-- a single failure');
  simulation.crash(failing);
  if (simulation.passUntil(() => segment.isInOrder, heldWithinMs, 5) === undefined) {
    throw new Violation('L2', `${heldWithinMs} ms after leveler${failing} failed ${segment.disorder}`);
  }
}
