import {shownOf} from '@tacoplex/cluster';
import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import {id, Simulation} from '../src/index.ts';

type Step = 'addKey' | 'activateKey' | 'retireKey';

const nameOf = (number: number): string => number.toString(16).padStart(8, '0').padEnd(16, '0');
const ringsOf = ({machines}: Simulation) => machines.map(({ring}) => ring);

/** Ask for a step without force. @returns whether every leveler shows these keys soon, the one that it sends with first */
const take = (simulation: Simulation, step: Step, key: number, ids: readonly LevelerId[], shown: readonly number[]) => {
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

/** Leveler 3 of three has lost its disk, and counts six steps in a cluster of its own, without another key in the end. */
const withStranger = (seed: number): Simulation => {
  const simulation = new Simulation(seed, 3);
  simulation.passUntil(() => simulation.isAgreed, 3000);
  const stranger = id(3);
  simulation.crash(stranger, true);
  isolate(simulation, stranger);
  simulation.start(stranger);
  simulation.passUntil(() => simulation.leaders.includes(stranger), 10_000);
  for (const key of [11, 12, 13]) {
    take(simulation, 'addKey', key, [stranger], [0, key]);
    take(simulation, 'retireKey', key, [stranger], [0]);
  }

  return simulation;
};

for (const seed of [1, 2, 3, 4, 5]) {
  test(`who counted further in a cluster of its own takes each step of the one that it joins: seed ${seed}`, t => {
    const simulation = withStranger(seed);
    t.is(simulation.lineages, 2);
    t.deepEqual(
      ringsOf(simulation).map(({rotation}) => rotation),
      [0, 0, 6],
    );
    simulation.mend();
    t.not(
      simulation.passUntil(() => simulation.isAgreed, 5000),
      undefined,
    );

    t.true(take(simulation, 'addKey', 7, simulation.ids, [0, 7]));
    t.true(take(simulation, 'activateKey', 7, simulation.ids, [7, 0]));
    t.true(take(simulation, 'retireKey', 7, simulation.ids, [7]));
    t.deepEqual(
      ringsOf(simulation).map(({rotation}) => rotation),
      [3, 3, 3],
    );
  });
}
