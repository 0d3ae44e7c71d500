import {id, toyContent, toyValue} from '@tacoplex/simulation';
import test from 'ava';
import {
  type Beat,
  type Event,
  firstState,
  type Setup,
  type State,
  step,
  successorsOf,
  type Value,
  viewOf,
  wakeAtMs,
} from '../src/index.ts';

const [one, two, three] = [id(1), id(2), id(3)];
const nonce = (number: number): string => String(number).padStart(16, '0');
const version = {term: 4, leader: one, nonce: nonce(1), index: 2};
const members = [one, two, three].map(member => ({id: member, name: `leveler${member}`}));
const value: Value = toyValue({lineage: nonce(9), version, members, entries: []});
const about = {name: '', a: undefined, b: undefined, reachesA: true, reachesB: true, claims: []};

const setup: Setup = {
  id: one,
  name: 'leveler1',
  nonce: nonce(1),
  content: toyContent,
  timing: {beatMs: 50, suspectMs: 150, leaseMs: 2000},
  edition: {software: '0.1.0', configDigest: nonce(5)},
};

const memory = {term: 4, votedFor: undefined, committed: version, sound: true};

/** A member with a state, that has sent 20 beats. */
const leveler = (changes: Partial<State> = {}): State => ({
  ...firstState(setup, 0, about, {value, valueSound: true, memory})[0],
  nowMs: 1000,
  beat: 20,
  lastBeatMs: 1000,
  nextBeatMs: 1050,
  ...changes,
});

const beat = (changes: Partial<Beat> = {}): Beat => ({
  kind: 'beat',
  beat: 30,
  term: 4,
  role: 'follower',
  leader: undefined,
  leaving: false,
  sound: true,
  asking: false,
  held: value,
  kept: true,
  committed: version,
  applied: undefined,
  lineage: nonce(9),
  memberCount: 3,
  forks: 0,
  echoes: [{id: one, nonce: nonce(1), beat: 19, member: true}],
  about,
  proofAgeMs: undefined,
  caretaking: 'idle',
  witness: false,
  ...changes,
});

type Heard = Extract<Event, {kind: 'heard'}>;

const heard = (sender: typeof one, body: Heard['body'], changes: Partial<Heard['header']> = {}): Heard => ({
  kind: 'heard',
  nowMs: 1001,
  net: 'a',
  header: {sender, nonce: nonce(sender), sequence: 100, net: 'a', to: undefined, echo: undefined, ...changes},
  body,
});

const toOne = {to: one, echo: {id: one, nonce: nonce(1), beat: 20, member: true}};

/** The state after the events, and the actions of the last. */
const after = (state: State, ...events: readonly Event[]) => {
  let [current, actions] = [state, [] as ReturnType<typeof step>[1]];
  for (const event of events) {
    [current, actions] = step(setup, current, event);
  }

  return {state: current, actions};
};

test('a beat that echoes my last ones makes its sender live', t => {
  const {state} = after(leveler(), heard(two, beat()));

  t.true(state.peers.get(two)?.live);
});

for (const [what, echoes] of [
  ['does not echo me', []],
  ['echoes a process of mine that is gone', [{id: one, nonce: nonce(8), beat: 19, member: true}]],
  ['echoes a beat of mine that is too old', [{id: one, nonce: nonce(1), beat: 9, member: true}]],
  ['echoes a beat that I have not sent', [{id: one, nonce: nonce(1), beat: 21, member: true}]],
] as const) {
  test(`a beat that ${what} makes nobody live and changes no term`, t => {
    const {state} = after(leveler(), heard(two, beat({echoes, term: 9, role: 'leader'})));

    t.false(state.peers.get(two)?.live);
    t.like(state, {term: 4, leader: undefined});
  });
}

for (const [drop, event] of [
  ['own', heard(one, beat(), {nonce: nonce(1)})],
  ['twin', heard(one, beat(), {nonce: nonce(7)})],
  ['wrong-net', heard(two, beat(), {net: 'b'})],
  ['stray', heard(two, beat(), {to: three})],
  ['stale', heard(two, {kind: 'voteAnswered', term: 5, granted: true}, {to: one})],
] as const) {
  test(`what is ${drop} is counted and changes nothing else`, t => {
    const before = leveler({nowMs: 1001});
    const {state, actions} = after(before, event);

    t.like(actions, [{kind: 'count', drop}]);
    t.like(state, {term: 4, role: before.role, leader: undefined});
  });
}

test('the same datagram twice is a duplicate', t => {
  const {actions} = after(leveler(), heard(two, beat()), heard(two, beat()));

  t.like(actions, [{kind: 'count', drop: 'replay'}]);
});

test('a recording of an earlier process does not displace the one that is heard', t => {
  const recorded = heard(two, beat({echoes: []}), {nonce: nonce(8), sequence: 900});
  const {state, actions} = after(leveler(), heard(two, beat()), recorded);

  t.is(state.peers.get(two)?.nonce, nonce(2));
  t.like(actions, [{kind: 'count', drop: 'stale'}]);
});

test('what an earlier process said is not heard again, although it still echoes a late beat of mine', t => {
  const earlier = heard(two, beat({role: 'leader', leader: two}), {nonce: nonce(8), sequence: 7});
  const {state, actions} = after(leveler(), earlier, heard(two, beat()), earlier);

  t.is(state.peers.get(two)?.nonce, nonce(2));
  t.is(state.leader, undefined);
  t.like(actions, [{kind: 'count', drop: 'replay'}]);
});

test('what an earlier process said is heard once, if it was only late', t => {
  const [first, late] = [7, 8].map(sequence => heard(two, beat(), {nonce: nonce(8), sequence}));
  const {state} = after(leveler(), first!, heard(two, beat()), late!);

  t.is(state.peers.get(two)?.nonce, nonce(8));
});

test('a vote is on disk before it is said', t => {
  const asked = heard(two, {kind: 'voteAsked', term: 5, version}, {...toOne, sequence: 101});
  const {state, actions} = after(leveler(), heard(two, beat()), asked);
  const saving = actions.find(action => action.kind === 'save');

  t.deepEqual(saving, {kind: 'save', memory: {term: 5, votedFor: two, committed: version, sound: true}});
  t.false(actions.some(({kind}) => kind === 'send'));

  const saved = after(state, {
    kind: 'saved',
    nowMs: 1002,
    memory: {term: 5, votedFor: two, committed: version, sound: true},
  });
  t.like(
    saved.actions.find(({kind}) => kind === 'send'),
    {to: two, message: {kind: 'voteAnswered', term: 5, granted: true}},
  );
});

test('a second candidate of the same term gets no vote', t => {
  const voted = leveler({term: 5, votedFor: two, voteSaved: true});
  const asked = heard(three, {kind: 'voteAsked', term: 5, version}, {...toOne, sequence: 101});
  const {actions} = after(voted, heard(three, beat({term: 5})), asked);

  t.like(
    actions.find(({kind}) => kind === 'send'),
    {to: three, message: {granted: false}},
  );
});

test('a candidate with an older state gets no vote', t => {
  const asked = heard(two, {kind: 'voteAsked', term: 5, version: {...version, index: 1}}, {...toOne, sequence: 101});
  const {state} = after(leveler(), heard(two, beat()), asked);

  t.like(state, {term: 5, votedFor: undefined});
});

test('who hears a leader grants no pre-vote and enters no later term', t => {
  const led = heard(two, beat({role: 'leader', leader: two}));
  const hello = heard(three, beat(), {sequence: 1});
  const asked = (kind: 'preVoteAsked' | 'voteAsked', sequence: number) =>
    heard(three, {kind, term: 5, version}, {...toOne, sequence});
  const {actions} = after(leveler(), led, hello, asked('preVoteAsked', 2));
  const {state} = after(leveler(), led, hello, asked('voteAsked', 3));

  t.like(
    actions.find(({kind}) => kind === 'send'),
    {message: {kind: 'preVoteAnswered', granted: false}},
  );
  t.like(state, {term: 4, leader: two});
});

test('a member that does not know its last vote grants none', t => {
  const asked = heard(two, {kind: 'voteAsked', term: 5, version}, {...toOne, sequence: 101});
  const {actions} = after(leveler({sound: false}), heard(two, beat()), asked);

  t.false(actions.some(({kind}) => kind === 'save'));
});

for (const [what, disk] of [
  ['memory', {memory: {...memory, sound: false}, value, valueSound: true}],
  ['state', {memory, value, valueSound: false}],
] as const) {
  test(`whoever finds a ${what} that was left by one that did not know its promises knows them no better`, t => {
    t.false(firstState(setup, 0, about, disk)[0].sound);
    t.true(firstState(setup, 0, about, {memory, value, valueSound: true})[0].sound);
  });
}

test('what is written says whether its leveler knows its promises, and all of it again once it does', t => {
  const next = toyValue({lineage: nonce(9), version: {...version, index: 9}, members, entries: ['one']});
  const content = {kind: 'whole', bytes: next.bytes} as const;
  const taken = (newcomer: boolean) => {
    const proposal = {kind: 'proposal', term: 4, leading: true, newcomer, stamp: next, content} as const;
    const led = heard(two, beat({role: 'leader', leader: two}));
    const {actions} = after(leveler({sound: false}), led, heard(two, proposal, {...toOne, sequence: 101}));
    return actions.flatMap(action =>
      action.kind === 'store'
        ? [['state', action.sound]]
        : action.kind === 'save'
          ? [['memory', action.memory.sound]]
          : [],
    );
  };

  t.deepEqual(taken(false), [['state', false]]);
  t.deepEqual(taken(true), [
    ['memory', true],
    ['state', true],
    ['state', true],
  ]);
});

test('an only member leads as soon as its vote is on disk, and stamps its state first', t => {
  const alone = toyValue({lineage: nonce(9), version, members: members.slice(0, 1), entries: []});
  const time = (nowMs: number): Event => ({kind: 'time', nowMs, draw: 0});
  const standing = after(leveler({held: alone, committed: alone}), time(1001), time(1002));
  const saved: Event = {kind: 'saved', nowMs: 1003, memory: {term: 5, votedFor: one, committed: version, sound: true}};
  const {state, actions} = after(standing.state, saved);

  t.is(standing.state.role.kind, 'candidate');
  t.is(state.role.kind, 'leader');
  t.deepEqual(state.held?.version, {term: 5, leader: one, nonce: nonce(1), index: 1});
  t.true(actions.some(({kind}) => kind === 'store'));
});

const leave: Event = {kind: 'leave', nowMs: 1001};

for (const kind of ['preCandidate', 'candidate'] as const) {
  test(`a ${kind} that leaves stands no more, and says that it leaves`, t => {
    const role = {kind, granted: new Set([one]), untilMs: 1100, askAtMs: 1100};
    const {state, actions} = after(leveler({role, settled: true, leaseFromMs: 900}), leave);

    t.is(state.role.kind, 'follower');
    t.like(actions.at(-1), {kind: 'beat', beat: {leaving: true}});
    t.true(viewOf(setup, state).mayForward);
  });
}

test('who leaves as asked leaves for good, whatever becomes of its data path', t => {
  const {state} = after(
    leveler(),
    leave,
    {kind: 'dataPath', nowMs: 1002, isThere: false},
    {kind: 'dataPath', nowMs: 1003, isThere: true},
  );

  t.true(state.leaving);
});

test('a leveler without its data path leaves until it is there again', t => {
  const without = after(leveler(), {kind: 'dataPath', nowMs: 1001, isThere: false});
  t.like(without.actions.at(-1), {kind: 'beat', beat: {leaving: true}});

  const {state, actions} = after(without.state, {kind: 'dataPath', nowMs: 1010, isThere: true});

  t.false(state.leaving);
  t.like(actions.at(-1), {kind: 'beat', beat: {leaving: false}});
});

test('who can take over lives, stays, and reaches both nets', t => {
  const successors = (changes: Partial<Beat>) =>
    successorsOf(viewOf(setup, after(leveler(), heard(two, beat(changes))).state));

  t.deepEqual(successors({}), [two]);
  t.deepEqual(successors({leaving: true}), []);
  t.deepEqual(successors({about: {...about, reachesB: false}}), []);
  t.deepEqual(successorsOf(viewOf(setup, leveler())), []);
});

test('nobody is judged right after an own stall', t => {
  const {state} = after(leveler(), heard(two, beat()), {kind: 'time', nowMs: 1400, draw: 0});
  const later = after(state, {kind: 'time', nowMs: 1449, draw: 0}, {kind: 'time', nowMs: 1451, draw: 0});

  t.true(state.peers.get(two)?.live);
  t.false(later.state.peers.get(two)?.live);
});

test('a patch that does not make what it says is counted and not held', t => {
  const next = toyValue({...{lineage: nonce(9), members, entries: ['x']}, version: {...version, index: 3}});
  const content = {kind: 'patch', from: value, bytes: toyContent.encodePatch(value, value)} as const;
  const proposal = {kind: 'proposal', term: 4, leading: true, newcomer: false, stamp: next, content} as const;
  const led = heard(two, beat({role: 'leader', leader: two}));
  const {state, actions} = after(leveler(), led, heard(two, proposal, {...toOne, sequence: 101}));

  t.is(state.held, value);
  t.like(actions, [{kind: 'count', drop: 'unfit'}]);
});

test('the time is asked for again no later than the next beat', t => {
  t.true(wakeAtMs(setup, leveler()) <= 1050);
});

test('who hears a beat when its own is due soon beats a millisecond later, and at once when it has heard it on both nets', t => {
  const due = leveler({nextBeatMs: 1020});
  const first = after(due, heard(two, beat()));
  t.false(first.actions.some(({kind}) => kind === 'beat'));
  t.is(first.state.nextBeatMs, 1002);
  const onB = {...heard(two, beat(), {sequence: 101, net: 'b'}), net: 'b' as const, nowMs: 1001.5};
  const whole = after(first.state, onB);
  t.deepEqual(
    whole.actions.map(({kind}) => kind),
    ['beat'],
  );
  t.is(whole.state.nextBeatMs, 1052.5, 'it waits a millisecond longer for the one that is ahead');

  const alone = after(whole.state, {kind: 'time', nowMs: 1052.5, draw: 0});
  t.true(alone.actions.some(({kind}) => kind === 'beat'));
  t.is(alone.state.nextBeatMs, 1102.5);
});

test('who has just beaten keeps its pace, whoever is heard', t => {
  const {state} = after(leveler({nextBeatMs: 1040}), heard(two, beat()));
  t.is(state.nextBeatMs, 1040);
});

test('the view tells whom each leveler hears on which net, as it says', t => {
  const echoes: Beat['echoes'] = [
    {id: one, nonce: nonce(1), beat: 19, member: true, heard: {a: true, b: false}},
    {id: three, nonce: nonce(3), beat: 19, member: true, heard: {a: true, b: true}},
  ];
  const {state} = after(leveler(), heard(two, beat({echoes})));

  const peers = new Map(viewOf(setup, state).peers.map(peer => [peer.id, peer.hears]));

  t.deepEqual(peers.get(one), {heard: [{id: two, a: true, b: false}], isPartial: false});
  t.deepEqual(peers.get(two), {
    heard: [
      {id: one, a: true, b: false},
      {id: three, a: true, b: true},
    ],
    isPartial: false,
  });
  t.deepEqual(peers.get(three), {heard: [], isPartial: true}, 'not heard: nothing is known');
});

test('a beat tells on which nets each was heard lately', t => {
  const {state} = after(leveler(), heard(two, beat()));
  const beatOf = (nowMs: number) =>
    step(setup, {...state, nextBeatMs: nowMs}, {kind: 'time', nowMs, draw: 0})[1].find(({kind}) => kind === 'beat');

  t.like(beatOf(1100), {beat: {echoes: {0: {id: two, heard: {a: true, b: false}}}}});
  t.like(beatOf(1151), {beat: {echoes: {0: {id: two, heard: {a: false, b: false}}}}});
});
