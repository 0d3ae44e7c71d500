import test from 'ava';
import {id, Simulation} from '../src/index.ts';

const [one, two, three] = [id(1), id(2), id(3)];

/** The second of three has lost files, hears only the third, which missed what the others committed, and begins anew. */
const withLoss = (seed: number, files: readonly ('memory' | 'value')[]): Simulation => {
  const simulation = new Simulation(seed, 3);
  simulation.passUntil(() => simulation.isAgreed, 3000);
  simulation.pass(300); // Until all of them have written it down
  simulation.crash(three);
  simulation.passUntil(() => simulation.leaders.length === 1 && simulation.leaders[0] !== three, 3000);
  const request = simulation.ask(one);
  simulation.passUntil(() => simulation.answers.has(request), 3000);
  for (const box of [one, two]) {
    simulation.crash(box);
  }

  simulation.tear(two, files);
  simulation.start(three);
  simulation.start(two);
  simulation.passUntil(() => simulation.machine(two).disk.value !== undefined, 3000);
  simulation.pass(1000);
  return simulation;
};

for (const files of [['value'], ['memory'], ['memory', 'value']] as const) {
  test(`who lost its ${files.join(' and ')} knows its promises no better after another restart`, t => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const simulation = withLoss(seed, files);
      t.false(simulation.stateOf(two).sound);

      for (let restart = 0; restart < 3; restart++) {
        simulation.restart(two);
        t.notThrows(() => simulation.pass(1500));
        t.false(simulation.stateOf(two).sound);
        t.deepEqual(simulation.leaders, []);
      }

      simulation.start(one);
      t.notThrows(() => simulation.passUntil(() => simulation.isAgreed, 5000));
      t.true(simulation.isAgreed);
      simulation.pass(100);
      simulation.restart(two);
      t.true(simulation.stateOf(two).sound);
    }
  });
}
