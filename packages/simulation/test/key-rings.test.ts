import {shownOf} from '@tacoplex/cluster';
import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import {id, Simulation} from '../src/index.ts';
import {toyOf} from '../src/toy-content.ts';

type Step = 'addKey' | 'activateKey' | 'retireKey';

const nameOf = (number: number): string => number.toString(16).padStart(8, '0').padEnd(16, '0');
const stranger = id(3);
const rotationsOf = ({machines}: Simulation) => machines.map(({ring}) => ring.rotation);

/** Ask for a step without force. @returns whether every leveler shows these keys soon, the one that it sends with first */
const take = (simulation: Simulation, step: Step, key: number, ids: readonly LevelerId[], shown: readonly number[]) => {
  simulation.pass(200); // Until the leader has heard of the step before
  simulation.askForKeys(ids[0] ?? id(0), step, nameOf(key), false);
  const names = shown.map(nameOf);
  const tookMs = simulation.passUntil(
    () =>
      ids.every(one => {
        const {accepts, sends} = shownOf(simulation.machine(one).ring);
        return sends === names[0] && accepts.join() === names.join();
      }),
    2000,
  );
  return tookMs !== undefined;
};

/** Everybody hears everybody, but nobody hears a leveler, nor does that one hear anybody. */
const isolate = (simulation: Simulation, alone: LevelerId): void => {
  for (const other of simulation.ids.filter(one => one !== alone)) {
    for (const net of ['a', 'b'] as const) {
      simulation.cut(net, other, alone);
      simulation.cut(net, alone, other);
    }
  }
};

/** Leveler 3 of three has lost its disk, and leads a cluster of its own. */
const withStranger = (seed: number): Simulation => {
  const simulation = new Simulation(seed, 3);
  simulation.passUntil(() => simulation.isAgreed, 3000);
  simulation.crash(stranger, true);
  isolate(simulation, stranger);
  simulation.start(stranger);
  simulation.passUntil(() => simulation.leaders.includes(stranger), 10_000);
  return simulation;
};

const agreeSoon = (simulation: Simulation): boolean => {
  simulation.mend();
  simulation.keyRings.help();
  return simulation.passUntil(() => simulation.isAgreed, 5000) !== undefined;
};

const heldStepsOf = (simulation: Simulation, leveler: LevelerId): number => {
  const {held} = simulation.stateOf(leveler);
  return held === undefined ? 0 : toyOf(held).keys.rotation;
};

const rotate = (simulation: Simulation, from: number, to: number): boolean =>
  take(simulation, 'addKey', to, simulation.ids, [from, to]) &&
  take(simulation, 'activateKey', to, simulation.ids, [to, from]) &&
  take(simulation, 'retireKey', to, simulation.ids, [to]);

for (const seed of [1, 2, 3, 4, 5]) {
  test(`who was left behind with a step that it holds, but never saw committed, is helped: seed ${seed}`, t => {
    const simulation = new Simulation(seed, 3);
    simulation.passUntil(() => simulation.isAgreed, 3000);
    const leader = simulation.leaders[0] ?? id(1);
    const alone = simulation.ids.find(one => one !== leader) ?? id(2);
    const others = simulation.ids.filter(one => one !== alone);
    simulation.askForKeys(leader, 'addKey', nameOf(7), false);
    simulation.passUntil(() => heldStepsOf(simulation, alone) === 1, 1000, 0.1);
    isolate(simulation, alone);
    t.is(simulation.machine(alone).ring.rotation, 0);

    t.true(
      simulation.passUntil(() => others.every(one => simulation.machine(one).ring.rotation === 1), 2000) !== undefined,
    );
    for (const step of ['activateKey', 'retireKey'] as const) {
      simulation.pass(400);
      simulation.askForKeys(leader, step, '', true);
    }

    t.true(
      simulation.passUntil(() => others.every(one => simulation.machine(one).ring.rotation === 3), 2000) !== undefined,
    );
    t.true(agreeSoon(simulation));
  });

  test(`who counted further in a cluster of its own takes each step of the one that it joins: seed ${seed}`, t => {
    const simulation = withStranger(seed);
    for (const key of [11, 12, 13]) {
      t.true(take(simulation, 'addKey', key, [stranger], [0, key]));
      t.true(take(simulation, 'retireKey', key, [stranger], [0]));
    }

    t.deepEqual(rotationsOf(simulation), [0, 0, 6]);
    t.true(agreeSoon(simulation));
    t.true(rotate(simulation, 0, 7));
    t.deepEqual(rotationsOf(simulation), [3, 3, 3]);
  });

  test(`who joins a newborn cluster with a key too many gives it up with the others: seed ${seed}`, t => {
    const simulation = withStranger(seed);
    t.true(take(simulation, 'addKey', 11, [stranger], [0, 11]));

    t.true(agreeSoon(simulation));
    t.false(take(simulation, 'addKey', 7, simulation.ids, [0, 7]));
    t.true(take(simulation, 'retireKey', 0, simulation.ids, [0]));
    t.true(rotate(simulation, 0, 7));
  });

  test(`who is brought the keys of another cluster is not undone by its own: seed ${seed}`, t => {
    const simulation = withStranger(seed);
    t.true(take(simulation, 'addKey', 5, [id(1), id(2)], [0, 5]));
    t.true(take(simulation, 'retireKey', 5, [id(1), id(2)], [0]));
    t.true(take(simulation, 'addKey', 11, [stranger], [0, 11]));
    t.true(take(simulation, 'activateKey', 11, [stranger], [11, 0]));

    t.true(agreeSoon(simulation));
    t.deepEqual(rotationsOf(simulation), [2, 2, 2]);
    t.true(simulation.transcript.some(line => /an operator brings leveler3 the keys of leveler[12]/.test(line)));
    t.true(rotate(simulation, 0, 7));
  });
}
