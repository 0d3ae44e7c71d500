import {encodeToyCommand, id, Simulation, toyContent, toyOf, toyValue} from '@tacoplex/simulation';
import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import {firstState, type Setup, type State, step, type View, viewOf} from '../src/index.ts';

const all = (size: number): LevelerId[] => Array.from({length: size}, (_, index) => id(index + 1));

/** A cluster with LevIPs that agrees, each with its holder. */
const agreed = (seed: number, size: number, levIps = 1): Simulation => {
  const simulation = new Simulation(seed, size, {levIps});
  simulation.passUntil(() => simulation.isAgreed && simulation.segment.isInOrder, 10_000);
  simulation.pass(1000);
  return simulation;
};

const viewAt = (simulation: Simulation, leveler: number): View =>
  viewOf(simulation.setupOf(id(leveler)), simulation.stateOf(id(leveler)));

const holders = ({segment}: Simulation): LevelerId[] => segment.addresses.flatMap(({ip}) => segment.holdersOf(ip));

/** Cut one side from the others: datagrams on both nets, and ARP if told so. */
const separate = (simulation: Simulation, size: number, side: readonly number[], arpToo: boolean): void => {
  const lanes = arpToo ? (['a', 'b', 'arp'] as const) : (['a', 'b'] as const);
  for (const one of all(size).filter(leveler => side.includes(leveler))) {
    for (const other of all(size).filter(leveler => !side.includes(leveler))) {
      for (const lane of lanes) {
        simulation.network.block(lane, one, other);
        simulation.network.block(lane, other, one);
      }
    }
  }
};

const play = ({transcript}: Simulation): string => transcript.slice(-60).join('\n');

test('of two levelers without a witness, the one that is left holds the address within 200 ms of the power cut', t => {
  for (let seed = 1; seed <= 40; seed++) {
    const simulation = agreed(seed, 2);
    const [holder] = holders(simulation);
    const left = holder === id(1) ? 2 : 1;
    simulation.pass(simulation.chance.between(0, 50));
    simulation.crash(holder!);

    const tookMs = simulation.passUntil(() => simulation.segment.isInOrder, 1000, 5);

    t.true(tookMs !== undefined && tookMs <= 200, `seed ${seed}: ${tookMs} ms\n${play(simulation)}`);
    t.like(viewAt(simulation, left), {caretaking: 'caretaker', mayForward: true, mayTake: true, hasMajority: false});
  }
});

test('a caretaker goes on for as long as it is left alone, and refuses commands within 300 ms', t => {
  const simulation = agreed(2, 2);
  simulation.crash(id(2));
  simulation.pass(60_000);
  const request = simulation.ask(id(1));
  simulation.passUntil(() => simulation.answers.has(request), 300);

  t.true(simulation.forwards(simulation.machine(id(1))));
  t.true(simulation.segment.isInOrder);
  t.regex(simulation.answers.get(request)?.refusal ?? '', /^no majority: 1 of 2 levelers is heard, 2 are needed/);
});

for (const holder of [1, 2]) {
  test(`where only beats are cut, leveler ${holder} of two goes on, since it holds the address, and the other stops`, t => {
    const simulation = agreed(holder, 2);
    const other = 3 - holder;
    if (holders(simulation)[0] !== id(holder)) {
      simulation.crash(id(other));
      simulation.pass(1000);
      simulation.start(id(other));
      simulation.passUntil(() => simulation.isAgreed, 3000);
      simulation.pass(1000);
    }

    t.deepEqual(holders(simulation), [id(holder)]);
    separate(simulation, 2, [1], false);
    simulation.pass(300);

    t.is(viewAt(simulation, holder).caretaking, 'caretaker', play(simulation));
    t.like(viewAt(simulation, other), {caretaking: 'stopped', mayForward: false, servedBy: id(holder)});
    const changesMs = simulation.passUntil(() => holders(simulation)[0] !== id(holder), 10_000);
    t.is(changesMs, undefined, play(simulation));
  });
}

type Believer = {readonly setup: Setup; readonly state: State};

/**
 * One of two levelers that has lost the other, after both its question and that of the other were answered.
 *
 * @param isProven whether it was the other that answered, for all that can be known
 */
const answered = (self: number, isHolding: boolean, size = 2, isProven = true): Believer => {
  const members = all(size).map(one => ({id: one, name: `leveler${one}`}));
  const version = {term: 4, leader: id(1), nonce: '0000000000000001', index: 2};
  const value = toyValue({lineage: '0000000000000009', version, members, entries: []});
  const claims = [{address: '10.0.9.1' as IpAddress, turn: 1, holding: isHolding, releasing: false}];
  const about = {name: '', a: undefined, b: undefined, reachesA: true, reachesB: true, claims};
  const timing = {beatMs: 50, suspectMs: 150, leaseMs: 2000};
  const setup = {
    id: id(self),
    name: '',
    nonce: version.nonce,
    content: toyContent,
    timing,
    edition: {software: '', configDigest: ''},
  };
  const memory = {term: 4, votedFor: undefined, committed: version, sound: true};
  const first = {...firstState(setup, 0, about, {value, memory, valueSound: true})[0], settled: true, leaseFromMs: 900};
  const [asking] = step(setup, first, {kind: 'time', nowMs: 1000, draw: 0});
  const {number} = asking.charge.probe!;
  return heardOnA({setup, state: asking}, 1090, number, [id(3 - self)], isProven);
};

/** The announcer says who spoke on net A since the question was asked. */
const heardOnA = (
  {setup, state}: Believer,
  nowMs: number,
  number: number,
  answeredBy: readonly LevelerId[],
  isProven: boolean,
): Believer => {
  const provenBy = isProven ? answeredBy : [];
  return {setup, state: step(setup, state, {kind: 'probed', nowMs, number, isDone: true, answeredBy, provenBy})[0]};
};

/** The question under way comes to nothing. */
const unanswered = (believer: Believer, nowMs: number): Believer =>
  heardOnA(believer, nowMs, believer.state.charge.probe!.number, [], true);

/** Somebody sends ARP in the other's name. */
const forged = (believer: Believer, nowMs: number): Believer =>
  heardOnA(believer, nowMs, believer.state.charge.probe!.number, [id(3 - believer.setup.id)], false);

const at = ({setup, state}: Believer, nowMs: number): Believer => ({
  setup,
  state: step(setup, state, {kind: 'time', nowMs, draw: 0})[0],
});

for (const [what, {state}, kind] of [
  ['of two that each hold an address the lower one stays', answered(1, true), 'caretaker'],
  ['of two that each hold an address the higher one gives way', answered(2, true), 'stopped'],
  ['who holds nothing gives way, even if it is the lower one', answered(1, false), 'stopped'],
  ['who holds an address gives way where the others may be a majority', answered(1, true, 3), 'stopped'],
] as const) {
  test(what, t => {
    t.is(state.charge.kind, kind);
    t.is(state.leaseFromMs === Number.NEGATIVE_INFINITY, kind === 'stopped');
  });
}

test('who was stopped serves only after two rounds of questions that come to nothing: an answer may be late', t => {
  const {setup, state} = answered(2, true);
  const again = {setup, state: step(setup, state, {kind: 'time', nowMs: 1300, draw: 0})[0]};
  const once = unanswered(again, 1390);
  const twice = unanswered(once, 1480);

  t.not(again.state.charge.probe?.number, state.charge.probe?.number);
  t.is(once.state.charge.kind, 'stopped');
  t.not(once.state.charge.probe?.number, again.state.charge.probe?.number);
  t.is(twice.state.charge.kind, 'caretaker');
});

test('an answer that proves nothing has who asks ask once more, and then serve', t => {
  const once = answered(2, true, 2, false);
  const again = forged(once, 1180);

  t.is(once.state.charge.kind, 'asking');
  t.is(again.state.charge.kind, 'caretaker');
  t.is(forged(once, 1180).state.charge.servedBy, undefined);
});

test("ARP in a dead leveler's name stops no caretaker, however long somebody goes on with it", t => {
  let caretaker = forged(answered(2, true, 2, false), 1180);
  for (let nowMs = 1200; nowMs <= 31_200; nowMs += 50) {
    caretaker = forged(at(caretaker, nowMs), nowMs + 10);
    t.is(caretaker.state.charge.kind, 'caretaker', `${nowMs} ms`);
    t.not(caretaker.state.leaseFromMs, Number.NEGATIVE_INFINITY);
  }
});

test('who proves that it serves stops a caretaker, whatever was forged in its name before', t => {
  const caretaker = forged(answered(2, true, 2, false), 1180);
  const {number} = caretaker.state.charge.probe!;

  const stopped = heardOnA(forged(caretaker, 1200), 1250, number, [id(1)], true);

  t.like(stopped.state.charge, {kind: 'stopped', servedBy: id(1)});
});

test('who is cut off from all, and heard by all, disturbs nobody: its claims do not count, and it takes nothing back', t => {
  for (let seed = 1; seed <= 20; seed++) {
    const simulation = agreed(seed, 3);
    const [holder] = holders(simulation);
    const deaf = simulation.chance.pick(all(3));
    for (const other of all(3).filter(leveler => leveler !== deaf)) {
      simulation.network.block('a', other, deaf);
      simulation.network.block('b', other, deaf);
    }

    simulation.pass(1500);
    const during = holders(simulation);
    simulation.mend();
    simulation.pass(2000);

    t.is(during.length, 1, `seed ${seed}: ${during.join()}\n${play(simulation)}`);
    t.true(deaf === holder || during[0] === holder, `seed ${seed}\n${play(simulation)}`);
    t.deepEqual(holders(simulation), during, `seed ${seed}: after it was mended\n${play(simulation)}`);
  }
});

test('a majority serves, and fewer stop as long as net A shows that somebody serves', t => {
  const simulation = agreed(6, 5);
  separate(simulation, 5, [1, 2], false);
  simulation.pass(3000);

  t.deepEqual(
    all(5).map(leveler => simulation.forwards(simulation.machine(leveler))),
    [false, false, true, true, true],
    play(simulation),
  );
});

test('where nothing gets through each side serves its own clients, and they become one again', t => {
  const simulation = agreed(7, 5);
  separate(simulation, 5, [1, 2], true);
  simulation.pass(3000);

  t.is(viewAt(simulation, 1).caretaking, 'caretaker', play(simulation));
  t.is(viewAt(simulation, 2).caretaking, 'caretaker');
  t.true(all(5).every(leveler => simulation.forwards(simulation.machine(leveler))));
  t.is(holders(simulation).length, 2);

  simulation.mend();
  t.not(
    simulation.passUntil(() => simulation.isAgreed && simulation.segment.isInOrder, 2000),
    undefined,
  );
  t.is(viewAt(simulation, 1).caretaking, 'idle');
});

test('a caretaker gives way where net A shows that others serve, if they may be a majority', t => {
  const simulation = agreed(8, 3);
  separate(simulation, 3, [1], true);
  simulation.pass(3000);
  t.is(viewAt(simulation, 1).caretaking, 'caretaker');

  simulation.network.mend();
  separate(simulation, 3, [1], false);
  const tookMs = simulation.passUntil(() => viewAt(simulation, 1).caretaking === 'stopped', 2000);

  t.not(tookMs, undefined, play(simulation));
  t.false(viewAt(simulation, 1).mayForward);
  t.is(holders(simulation).length, 1);
});

test('two caretakers that find each other on net A: the lower one stays', t => {
  const simulation = agreed(9, 2);
  separate(simulation, 2, [1], true);
  simulation.pass(3000);
  t.deepEqual(
    [1, 2].map(leveler => viewAt(simulation, leveler).caretaking),
    ['caretaker', 'caretaker'],
  );

  simulation.network.mend();
  separate(simulation, 2, [1], false);
  simulation.pass(1500);

  t.deepEqual(
    [1, 2].map(leveler => viewAt(simulation, leveler).caretaking),
    ['caretaker', 'stopped'],
    play(simulation),
  );
  t.deepEqual(holders(simulation), [id(1)]);
});

test('a leveler that is switched on among the silent waits a second, asks, and serves', t => {
  const simulation = agreed(10, 2);
  simulation.crash(id(1));
  simulation.crash(id(2));
  simulation.pass(5000);
  simulation.start(id(2));

  const tookMs = simulation.passUntil(() => simulation.segment.isInOrder, 3000);

  t.true(tookMs !== undefined && tookMs >= 1000 && tookMs <= 1800, `${tookMs} ms\n${play(simulation)}`);
});

test('a lease runs from the beat that the leader echoes, not from when the echo came', t => {
  const simulation = agreed(11, 3);
  simulation.cut('a', id(3), id(1));
  simulation.cut('b', id(3), id(1));
  const fromMs = simulation.nowMs;
  simulation.pass(1700);
  const before = simulation.forwards(simulation.machine(id(3)));
  simulation.pass(450);

  t.is(simulation.leaders[0], id(1));
  t.true(before);
  t.false(simulation.forwards(simulation.machine(id(3))), `${simulation.nowMs - fromMs} ms\n${play(simulation)}`);
});

/** Ask a leveler to give members up. @returns what became of it */
const giveUp = (simulation: Simulation, leveler: number, ids: readonly number[]) => {
  const [request, command] = [
    `give-up-${leveler}-${ids.join()}`,
    encodeToyCommand({id: `gone-${ids.join('-')}`, giveUp: ids}),
  ];
  simulation.give(id(leveler), {kind: 'asked', request, command});
  simulation.passUntil(() => simulation.answers.has(request), 3000, 1);
  return simulation.answers.get(request);
};

const membersAt = (simulation: Simulation, leveler: number): readonly number[] =>
  (simulation.stateOf(id(leveler)).committed?.members ?? []).map(member => member.id);

test('a caretaker whose operator gives the others up leads again, and serves on; when they come back all are one', t => {
  const simulation = agreed(20, 3);
  simulation.crash(id(1));
  simulation.crash(id(2));
  simulation.pass(3000);

  const outcome = giveUp(simulation, 3, [1, 2]);

  t.like(outcome, {refusal: '', changes: ['gone-1-2'], applied: [id(3)], missing: []}, play(simulation));
  t.deepEqual(simulation.leaders, [id(3)]);
  t.deepEqual(membersAt(simulation, 3), [3]);
  t.true(simulation.segment.isInOrder);
  const request = simulation.ask(id(3), 'later');
  t.not(
    simulation.passUntil(() => simulation.answers.get(request)?.refusal === '', 300),
    undefined,
  );

  simulation.start(id(1));
  simulation.start(id(2));
  t.not(
    simulation.passUntil(() => simulation.isAgreed && membersAt(simulation, 1).length === 3, 8000),
    undefined,
    play(simulation),
  );
  t.true(toyOf(simulation.stateOf(id(1)).committed!).entries.includes('later'));
});

test('of five, two that are left go on together once the three are given up, and not for fewer', t => {
  const simulation = agreed(21, 5);
  for (const gone of [1, 2, 3]) {
    simulation.crash(id(gone));
  }

  simulation.pass(3000);
  const fewer = giveUp(simulation, 4, [1]);
  const outcome = giveUp(simulation, 5, [1, 2, 3]);

  t.regex(fewer?.refusal ?? '', /^without leveler1 there are 4 levelers, and only 2 of them are heard$/);
  t.like(outcome, {refusal: '', applied: [id(4), id(5)], missing: []}, play(simulation));
  t.deepEqual(membersAt(simulation, 4), [4, 5]);
  t.true(simulation.segment.isInOrder);
});

test('nobody is given up who is heard, on net A or by beats, nor where there is a leader', t => {
  const simulation = agreed(22, 3);
  const led = giveUp(simulation, 1, [3]);
  separate(simulation, 3, [1], false);
  simulation.pass(3000);
  const seen = giveUp(simulation, 1, [2, 3]);
  simulation.network.mend();
  separate(simulation, 3, [1], true);
  simulation.crash(id(3));
  simulation.passUntil(() => viewAt(simulation, 1).caretaking === 'caretaker', 5000);
  const self = giveUp(simulation, 1, [1]);

  t.regex(led?.refusal ?? '', /^a majority is heard and has a leader/);
  t.regex(seen?.refusal ?? '', /answers for the service address on net A|^no majority/);
  t.regex(self?.refusal ?? '', /^leveler leveler1 is heard/);
  t.deepEqual(membersAt(simulation, 1), [1, 2, 3]);
});
