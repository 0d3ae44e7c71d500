import {id, Simulation} from '@tacoplex/simulation';
import test from 'ava';
import {viewOf} from '../src/index.ts';

/** Levelers 1 to `size`, of which 1 is a witness: the lowest number must not help it. */
const agreed = (seed: number, size = 3): Simulation => {
  const simulation = new Simulation(seed, size, {levIps: 1, witnesses: [1]});
  simulation.passUntil(() => simulation.isAgreed && simulation.segment.isInOrder, 10_000);
  simulation.pass(1000);
  return simulation;
};

const viewAt = (simulation: Simulation, leveler: number) =>
  viewOf(simulation.setupOf(id(leveler)), simulation.stateOf(id(leveler)));

const ask = (simulation: Simulation, leveler: number) => {
  const request = simulation.ask(id(leveler));
  simulation.passUntil(() => simulation.answers.has(request), 3000);
  return simulation.answers.get(request);
};

test('a witness is a member, marked as one, and neither founds, leads nor forwards', t => {
  const simulation = agreed(1);

  t.deepEqual(simulation.stateOf(id(2)).committed?.members, [
    {id: id(1), name: 'leveler1', witness: true},
    {id: id(2), name: 'leveler2'},
    {id: id(3), name: 'leveler3'},
  ]);
  t.deepEqual(simulation.leaders, [id(2)]);
  t.like(viewAt(simulation, 1), {mayForward: false, mayTake: false, role: 'follower'});
  t.true(viewAt(simulation, 3).peers[0]?.witness);
});

test('a witness that is alone makes no cluster', t => {
  const simulation = new Simulation(2, 1, {witnesses: [1]});
  simulation.pass(5000);

  t.is(simulation.lineages, 0);
});

test('a witness that comes later is admitted as one', t => {
  const simulation = new Simulation(3, 2, {witnesses: [7]});
  simulation.passUntil(() => simulation.isAgreed, 3000);
  simulation.start(id(7));

  const tookMs = simulation.passUntil(() => simulation.isAgreed && simulation.stateOf(id(7)).held !== undefined, 3000);
  simulation.pass(500);

  t.not(tookMs, undefined);
  t.deepEqual(simulation.stateOf(id(1)).committed?.members[2], {id: id(7), name: 'leveler7', witness: true});
});

test('of two levelers with a witness, the one that is left leads, serves, and takes commands', t => {
  const simulation = agreed(4);
  simulation.crash(simulation.leaders[0]!);

  const tookMs = simulation.passUntil(() => simulation.segment.isInOrder, 1000, 5);
  const [left] = simulation.leaders;
  simulation.passUntil(() => simulation.leaders.length === 1, 300);

  t.true(tookMs !== undefined && tookMs <= 300, `${tookMs} ms`);
  t.is(left ?? simulation.leaders[0], id(3));
  t.is(viewAt(simulation, 3).caretaking, 'idle');
  t.like(ask(simulation, 3), {refusal: '', applied: [id(3)], missing: [id(2)]});
});

test('nobody waits for a witness, heard or not', t => {
  const simulation = agreed(5);
  const heard = ask(simulation, 2);
  simulation.crash(id(1));
  simulation.pass(500);
  const unheard = ask(simulation, 2);

  t.like(heard, {refusal: '', applied: [id(2), id(3)], missing: []});
  t.like(unheard, {refusal: '', applied: [id(2), id(3)], missing: []});
});

test('when only the witness is left it stays what it is', t => {
  const simulation = agreed(6);
  simulation.crash(id(2));
  simulation.crash(id(3));
  simulation.pass(10_000);

  t.deepEqual(simulation.leaders, []);
  t.like(viewAt(simulation, 1), {role: 'follower', caretaking: 'idle', mayForward: false});
});

test('between two levelers that do not hear each other the witness decides', t => {
  const simulation = agreed(7);
  const [holder] = simulation.segment.holdersOf(simulation.segment.addresses[0]!.ip);
  const other = holder === id(2) ? id(3) : id(2);
  for (const lane of ['a', 'b'] as const) {
    for (const one of [id(1), other]) {
      simulation.network.block(lane, holder!, one);
      simulation.network.block(lane, one, holder!);
    }
  }

  simulation.pass(4000);

  t.deepEqual(simulation.leaders, [other]);
  t.is(viewAt(simulation, holder!).caretaking, 'stopped', simulation.transcript.slice(-40).join('\n'));
  t.deepEqual(simulation.segment.holdersOf(simulation.segment.addresses[0]!.ip), [other]);
});
