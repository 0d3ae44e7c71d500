import {nets} from '@tacoplex/election';
import type {LevelerId} from '@tacoplex/vocabulary';
import {Simulation} from './simulation.ts';

/** Longer than any write to a disk takes, ms. */
const restMs = 20;

export type Trouble = {
  readonly seed: number;
  readonly size: number;
  readonly events: number;
  /** Whether disks are lost: one at a time, and never before the last one has recovered. */
  readonly losesDisks: boolean;
};

/** A healthy start, then anything that may happen, each event where and when the seed says. */
export function makeTrouble({seed, size, events, losesDisks}: Trouble): Simulation {
  const simulation = new Simulation(seed, size);
  simulation.passUntil(() => simulation.isAgreed, 5000);
  for (let event = 0; event < events; event++) {
    happen(simulation, losesDisks);
    simulation.pass(simulation.chance.between(1, 600));
  }

  return simulation;
}

/** Everything whole again, everybody up. */
export function heal(simulation: Simulation): void {
  simulation.mend();
  Object.assign(simulation.weather, {loss: 0, duplication: 0, leastDelayMs: 0.1, mostDelayMs: 1});
  for (const leveler of simulation.ids.filter(one => !simulation.isUp(one))) {
    simulation.start(leveler);
  }
}

function happen(simulation: Simulation, losesDisks: boolean): void {
  const {chance} = simulation;
  const leveler = chance.pick(simulation.ids);
  const what = chance.integer(0, 11);
  if (what <= 2) {
    simulation.ask(leveler, `c${chance.integer(1, 1000)}`);
  } else if (what <= 4) {
    crashOrStart(simulation, leveler, losesDisks);
  } else if (what === 5) {
    simulation.pause(leveler, chance.between(20, 1500));
  } else if (what === 6) {
    cutSome(simulation);
  } else if (what === 7) {
    split(simulation);
  } else if (what === 8) {
    changeWeather(simulation);
  } else if (what === 9) {
    simulation.mend();
  } else {
    stumble(simulation);
  }
}

/** In the middle of an election processes end and begin again within milliseconds: what they voted must not be lost. */
function stumble(simulation: Simulation): void {
  const {chance, leaders, ids} = simulation;
  for (const leader of leaders) {
    simulation.pause(leader, chance.between(150, 400));
  }

  simulation.pass(chance.between(150, 200));
  for (let count = chance.integer(1, 2 * ids.length); count > 0; count--) {
    const leveler = chance.pick(ids);
    if (simulation.isUp(leveler)) {
      simulation.crash(leveler);
      simulation.start(leveler);
    }

    simulation.pass(chance.between(0, 8));
  }
}

function crashOrStart(simulation: Simulation, leveler: LevelerId, losesDisks: boolean): void {
  if (!simulation.isUp(leveler)) {
    simulation.start(leveler);
    return;
  }

  const losesDisk = losesDisks && hasRecovered(simulation) && simulation.chance.happens(0.5);
  if (losesDisk) {
    simulation.pass(restMs); // Whoever recovered just now has it on disk before another disk is lost
  }

  simulation.crash(leveler, losesDisk);
}

function hasRecovered(simulation: Simulation): boolean {
  const states = simulation.ids.map(one => simulation.stateOf(one));
  const lineages = new Set(states.map(({held}) => held?.lineage));
  return simulation.ids.every(one => simulation.isUp(one)) && states.every(({sound}) => sound) && lineages.size === 1;
}

function cutSome(simulation: Simulation): void {
  const {chance, ids} = simulation;
  for (let count = chance.integer(1, 4); count > 0; count--) {
    simulation.cut(chance.pick(nets), chance.pick(ids), chance.pick(ids));
  }
}

function split(simulation: Simulation): void {
  const {chance, ids} = simulation;
  const side = new Set(ids.filter(() => chance.happens(0.5)));
  for (const from of ids) {
    for (const to of ids.filter(one => side.has(one) !== side.has(from))) {
      simulation.cut('a', from, to);
      simulation.cut('b', from, to);
    }
  }
}

function changeWeather({chance, weather}: Simulation): void {
  weather.loss = chance.pick([0, 0.01, 0.1, 0.3]);
  weather.duplication = chance.pick([0, 0.1]);
  weather.mostDelayMs = chance.pick([1, 20, 120]);
}
