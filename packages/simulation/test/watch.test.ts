import test from 'ava';
import {id, Simulation, Violation} from '../src/index.ts';

const agreed = (): Simulation => {
  const simulation = new Simulation(1, 3);
  simulation.passUntil(() => simulation.isAgreed, 3000);
  return simulation;
};

test('no clock of a leveler is a wall clock, and none goes back when its box freezes', t => {
  const simulation = agreed();
  const before = simulation.ids.map(one => simulation.stateOf(one).nowMs);
  simulation.freeze(id(2), 700);
  simulation.pass(2000);
  const after = simulation.ids.map(one => simulation.stateOf(one).nowMs);

  t.true(new Set(before.map(Math.round)).size === 3); // Each box has a time of its own
  t.true(after.every((ms, index) => ms > before[index]!));
  t.true(after[1]! - before[1]! < 1400);
  t.true(simulation.isAgreed);
});

test('a box that freezes while it is frozen has its clock stopped once', t => {
  const simulation = agreed();
  const before = simulation.stateOf(id(2)).nowMs;
  simulation.freeze(id(2), 700);
  simulation.pass(300);
  simulation.freeze(id(2), 600);
  simulation.pass(1700);

  const passedMs = simulation.stateOf(id(2)).nowMs - before;
  t.true(Math.abs(passedMs - (2000 - 900)) < 100, `${passedMs} ms`);
});

test('what a leveler took is not taken again, not even on the other net', t => {
  const simulation = agreed();
  const {lately} = simulation.machine(id(1));

  t.notThrows(() => {
    for (const one of [...lately]) {
      simulation.replay(id(1), one);
      simulation.replay(id(1), one, one.net === 'a' ? 'b' : 'a');
    }
  });
});

test('what a leveler said before its elector began anew is not taken again, although it is still fresh', t => {
  const simulation = agreed();
  const said = simulation.machine(id(1)).lately.filter(({header}) => header.sender === id(2));
  simulation.restart(id(2));
  simulation.pass(120);

  t.notThrows(() => {
    for (const one of said) {
      simulation.replay(id(1), one);
    }
  });
});

test('a leveler that forwards by less than was everywhere is found out', t => {
  const simulation = agreed();
  const request = simulation.ask(id(1));
  simulation.passUntil(() => simulation.answers.has(request), 1000);
  const machine = simulation.machine(id(3));
  const {version, digest, lineage} = machine.dataPath!;

  machine.dataPath = {version: {...version, index: version.index - 1}, digest, lineage};

  t.throws(() => simulation.pass(200), {instanceOf: Violation, message: /^B2: leveler3 forwards by/});
});

test('a sole member that lost its vote before its term was on the disk may lead that term again', t => {
  const alone = id(1);
  for (const seed of [1, 2, 3, 4, 5]) {
    const simulation = new Simulation(seed, 1);
    simulation.passUntil(() => simulation.isAgreed, 3000);
    const {term} = simulation.stateOf(alone);
    simulation.restart(alone);
    t.truthy(simulation.passUntil(() => simulation.stateOf(alone).role.kind === 'leader', 1000, 0.1));
    simulation.crash(alone);
    simulation.tear(alone, ['memory']);
    simulation.start(alone);

    t.notThrows(() => simulation.passUntil(() => simulation.isAgreed, 3000));
    t.is(simulation.stateOf(alone).term, term + 1);
  }
});
