import {encodeToyCommand, id, toyContent, toyValue} from '@tacoplex/simulation';
import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import {
  type Action,
  type Beat,
  firstState,
  type Message,
  type Outcome,
  type Peer,
  Peers,
  type Setup,
  type State,
  type Step,
  step,
  type Value,
  wakeAtMs,
} from '../src/index.ts';
import {emptyWindow} from '../src/window.ts';

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
const nowMs = 10_000;
const command = encodeToyCommand({id: 'c1'});

const said = (held: Value): Beat => ({
  kind: 'beat',
  beat: 30,
  term: 4,
  role: 'follower',
  leader: one,
  leaving: false,
  sound: true,
  asking: false,
  held,
  kept: true,
  committed: held.version,
  applied: held,
  lineage: held.lineage,
  memberCount: 3,
  forks: 0,
  witness: false,
  echoes: [],
  about,
  proofAgeMs: undefined,
  caretaking: 'idle',
});

const peer = (number: LevelerId, freshMs: number, changes: Partial<Peer> = {}): Peer => ({
  id: number,
  nonce: nonce(number),
  live: nowMs - freshMs < 150,
  freshMs,
  heardMs: {a: freshMs, b: freshMs},
  beat: 30,
  windows: {a: emptyWindow, b: emptyWindow},
  saidSequence: 1,
  said: said(value),
  saidEchoMs: freshMs,
  former: [],
  ...changes,
});

/** A member of three that has been running for ten seconds. */
const leveler = (peers: readonly Peer[], changes: Partial<State> = {}): State => ({
  ...firstState(setup, 0, about, {
    value,
    valueSound: true,
    memory: {term: 4, votedFor: undefined, committed: version, sound: true},
  })[0],
  nowMs,
  beat: 20,
  lastBeatMs: nowMs,
  nextBeatMs: nowMs + 50,
  leaderlessSinceMs: 0,
  settled: true,
  peers: Peers.of(peers),
  ...changes,
});

const leading: Partial<State> = {
  leader: one,
  applied: value,
  role: {kind: 'leader', sinceMs: 0, jobs: [], newcomers: new Map(), patch: undefined, answered: new Map()},
};

const ask = (state: State, bytes = command): Step =>
  step(setup, state, {kind: 'asked', nowMs, request: 'r', command: bytes});

const answerIn = (actions: readonly Action[]): Outcome | undefined =>
  actions.find((action): action is Extract<Action, {kind: 'answer'}> => action.kind === 'answer')?.outcome;

test('whoever has been without a majority for a while refuses at once, and says whom to bring back', t => {
  const before = leveler([peer(two, 1000)]);

  const [state, actions] = ask(before);

  t.like(answerIn(actions), {
    refusal: 'no majority: 1 of 3 levelers is heard, 2 are needed',
    advice: 'bring leveler2, leveler3 back, or mend the nets between; see: taco status',
  });
  t.deepEqual([state.held, state.asks], [before.held, []]);
});

test('an election is waited for, but not longer than 240 ms, and the time is asked for then', t => {
  const [state, actions] = ask(leveler([peer(two, nowMs - 10)], {judgeFromMs: nowMs + 1000, leaderlessSinceMs: nowMs}));

  t.is(answerIn(actions), undefined);
  const later = {...state, nextBeatMs: nowMs + 1000, role: {kind: 'joining' as const}};
  t.true(wakeAtMs(setup, later) <= nowMs + 240);
  const [, refused] = step(setup, later, {kind: 'time', nowMs: nowMs + 240, draw: 0});
  t.like(answerIn(refused), {refusal: 'no leader has been elected yet'});
});

for (const [where, state] of [
  ['the leveler that was asked', leveler([peer(two, nowMs - 10)])],
  ['the leader', leveler([peer(two, nowMs - 10)], leading)],
] as const) {
  test(`a command that is too large is refused at once by ${where}, and changes nothing`, t => {
    const [after, actions] = ask(state, new Uint8Array(5000));

    t.like(answerIn(actions), {refusal: 'the command has 5000 bytes, and at most 4096 are taken'});
    t.deepEqual([after.held, after.asks], [state.held, []]);
  });
}

/** A change that the second has kept and the leader is about to; the third was last heard `silenceMs` ago. */
const changed = (silenceMs: number): State => {
  const [proposed] = ask(leveler([peer(two, nowMs - 10), peer(three, nowMs - silenceMs)], leading));
  const held = proposed.held as Value;
  return {
    ...proposed,
    kept: false,
    applied: held,
    peers: Peers.of([peer(two, nowMs - 10, {said: said(held)}), peer(three, nowMs - silenceMs)]),
  };
};

const deaf = peer(three, nowMs - 5000, {heardMs: {a: undefined, b: nowMs - 1000}});

const answered = (state: State, atMs: number): Outcome | undefined =>
  answerIn(step(setup, state, {kind: 'stored', nowMs: atMs, stamp: state.held as Value})[1]);

test('a change is everywhere when the silent ones are fenced: who has it, who has not', t => {
  t.like(answered(changed(2200), nowMs), {kept: [one, two], applied: [one, two], missing: [three], fenced: [three]});
});

test('whoever was silent for less than a lease is waited for', t => {
  const state = changed(1000);

  t.is(answered(state, nowMs), undefined);
  t.is(answered(state, nowMs + 1199), undefined);
  t.like(answered(state, nowMs + 1200), {missing: [three], fenced: [three]});
});

for (const [why, changes] of [
  ['was heard since, though it did not hear us', (state: State) => ({peers: state.peers.with(deaf)})],
  [
    'may have a lease of the leader before',
    ({role}: State) => ({role: {...role, sinceMs: nowMs - 1000} as State['role']}),
  ],
] as const) {
  test(`a silent member is not taken for fenced while it ${why}`, t => {
    const state = changed(5000);
    const doubtful = {...state, ...changes(state)};

    t.is(answered(doubtful, nowMs + 1199), undefined);
    t.like(answered(doubtful, nowMs + 1200), {missing: [three], fenced: [three]});
  });
}

test('nobody is waited for longer than that: who is heard and does not follow is missing, and not fenced', t => {
  const state = changed(10);
  const late = nowMs + 2200;
  const heard = {...state, peers: state.peers.with(peer(three, late - 10, {live: true}))};

  t.like(answered(heard, late), {kept: [one, two], missing: [three], fenced: []});
});

test('a member is not removed if too few of the others are heard', t => {
  const remove = encodeToyCommand({id: 'c2', remove: 2});
  const [state, actions] = ask(leveler([peer(two, nowMs - 10), peer(three, 1000)], leading), remove);

  t.like(answerIn(actions), {
    refusal: 'after that 1 of 2 levelers would be heard, and 2 would be needed: nothing could be changed any more',
  });
  t.is(state.held, value);
});

test('a leveler that is removed and let in again by the same leader is admitted in the same process', t => {
  const role = {...leading.role, newcomers: new Map([[three, nonce(3)]])} as State['role'];
  const [state] = ask(
    leveler([peer(two, nowMs - 10), peer(three, nowMs - 10)], {...leading, role}),
    encodeToyCommand({id: 'c3', remove: 3}),
  );

  t.deepEqual(state.role.kind === 'leader' && [...state.role.newcomers], []);
});

const elsewhere = toyValue({
  lineage: nonce(8),
  version: {...version, term: 1},
  members: members.slice(1, 2),
  entries: [],
});
const fresh = (changes: Partial<Peer>): Peer => peer(two, nowMs - 10, changes);

/** Whoever has the second number says it to this leveler, fresh and for the first time. */
const tell = (state: State, body: Message): Step =>
  step(setup, state, {
    kind: 'heard',
    nowMs,
    net: 'a',
    header: {
      sender: two,
      nonce: nonce(2),
      sequence: 2,
      net: 'a',
      to: one,
      echo: {id: one, nonce: nonce(1), beat: 19, member: true},
    },
    body,
  });

test('a leader carries nothing out for a leveler of another line, or of which it has heard nothing yet', t => {
  const forwarded = {kind: 'commandForwarded', request: 'r', command} as const;
  const heldAfter = (changes: Partial<Peer>) => tell(leveler([fresh(changes)], leading), forwarded)[0].held;

  t.not(heldAfter({}), value);
  t.is(heldAfter({said: said(elsewhere)}), value);
  t.is(heldAfter({said: undefined}), value);
});

test('what the leader of another line has done is no answer: it is asked for again', t => {
  const outcome = {refusal: '', advice: '', changes: [], version, kept: [], applied: [], missing: [], fenced: []};
  const result = {kind: 'commandResult', request: 'r', outcome} as const;
  const answerOf = (changes: Partial<Peer>) => {
    const [asked] = ask(leveler([fresh(changes)], {leader: two}));
    return answerIn(tell(asked, result)[1]);
  };

  t.is(answerOf({})?.refusal, '');
  t.is(answerOf({said: said(elsewhere)}), undefined);
  t.is(answerOf({said: undefined}), undefined);
});
