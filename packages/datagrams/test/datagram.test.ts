import type {Beat, Header, Message, Piece} from '@tacoplex/election';
import {tacoplex} from '@tacoplex/messages';
import type {IpAddress, LevelerId, MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {BeatRecall, type Body, decodeDatagram, decodeMessage, encodeDatagram, encodeMessage} from '../src/index.ts';

const codec = tacoplex.cluster.v1.Datagram;
const tag = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const [one, two] = [1, 2] as LevelerId[] as [LevelerId, LevelerId];
const nonce = '0123456789abcdef';
const version = {term: 7, leader: one, nonce, index: 3};
const stamp = {version, digest: 'fedcba9876543210'};
const echo = {id: two, nonce, beat: 9, member: true, heard: {a: false, b: true}};
const header: Header = {sender: one, nonce, sequence: 4_000_000_000, net: 'b', to: two, echo};

const beat: Beat = {
  kind: 'beat',
  beat: 12,
  term: 7,
  role: 'leader',
  leader: one,
  leaving: false,
  sound: true,
  asking: false,
  held: stamp,
  kept: true,
  committed: version,
  applied: undefined,
  lineage: nonce,
  memberCount: 3,
  forks: 1,
  echoes: [echo],
  about: {
    name: 'leveler1',
    a: {address: '10.0.0.1' as IpAddress, mac: '02:00:00:00:00:01' as MacAddress},
    b: undefined,
    reachesA: true,
    reachesB: false,
    claims: [{address: 'fd00:a::200' as IpAddress, turn: 5, holding: true, releasing: false}],
    reached: {routers: 0, servers: undefined},
    carrying: {whyNot: 'eth0 is gone', sinceS: 1_790_000_000},
    tried: {there: {passes: [two], fails: []}, back: {passes: [], fails: [two]}},
    diskFault: 'state.pb: ENOSPC',
    keys: {accepts: [nonce, nonce.replaceAll('1', '2')], sends: nonce},
  },
  edition: {software: '0.1.0', configDigest: nonce},
  proofAgeMs: 0,
  caretaking: 'stopped',
  witness: true,
};

const outcome = {
  refusal: '',
  advice: '',
  changes: ['added'],
  version,
  kept: [one],
  applied: [one],
  missing: [two],
  fenced: [two],
};
const messages: readonly Message[] = [
  {kind: 'preVoteAsked', term: 8, version},
  {kind: 'voteAsked', term: 8, version},
  {kind: 'preVoteAnswered', term: 8, granted: true},
  {kind: 'voteAnswered', term: 8, granted: false},
  {kind: 'fetch', have: undefined},
  {kind: 'fetch', have: stamp},
  {
    kind: 'proposal',
    term: 7,
    leading: true,
    newcomer: false,
    stamp,
    content: {kind: 'patch', from: stamp, bytes: Uint8Array.of(1)},
  },
  {kind: 'proposal', term: 7, leading: false, newcomer: true, stamp, content: {kind: 'whole', bytes: Uint8Array.of(2)}},
  {kind: 'commandForwarded', request: nonce, command: Uint8Array.of(3)},
  {kind: 'commandResult', request: nonce, outcome},
];
const pieces: readonly Piece[] = [
  {kind: 'chunk', transfer: nonce, number: 3, count: 4, bytes: Uint8Array.of(9)},
  {kind: 'missing', transfer: nonce, numbers: [1, 2]},
];

/** Decoded bytes come as Buffers, which compare unlike Uint8Arrays. */
const plain = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) {
    return [...(value as Uint8Array)];
  }

  if (Array.isArray(value)) {
    return value.map(plain);
  }

  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
    : value;
};

for (const body of [beat, ...messages, ...pieces] satisfies Body[]) {
  test(`what is said comes out as it went in: ${JSON.stringify(body).slice(0, 90)}`, t => {
    const read = decodeDatagram(tag, one, encodeDatagram(tag, header, body));

    t.deepEqual(plain(read), plain({header, body}));
  });
}

for (const message of messages) {
  test(`a message outlives its pieces: ${JSON.stringify(message).slice(0, 90)}`, t => {
    t.deepEqual(plain(decodeMessage(encodeMessage(message))), plain(message));
  });
}

test('a beat of three levelers with two claims fits in a datagram many times over', t => {
  t.true(encodeDatagram(tag, header, beat).length < 400);
});

test('the second copy of a beat, on the other net, is the same value; another sender or another beat is not', t => {
  const recall = new BeatRecall();
  const read = (sender: LevelerId, net: 'a' | 'b', body: Beat): unknown => {
    const found = decodeDatagram(tag, sender, encodeDatagram(tag, {...header, net}, body), recall);
    return typeof found === 'string' ? found : found.body;
  };

  const first = read(one, 'a', beat);
  t.deepEqual(first, {...beat});
  t.is(read(one, 'b', beat), first);
  t.not(read(two, 'a', beat), first);
  const next = read(one, 'a', {...beat, beat: 13});
  t.deepEqual(next, {...beat, beat: 13});
  t.is(read(one, 'b', {...beat, beat: 13}), next);
});

test('of a beat that differs in what changes all else is the same value as before; in one that differs elsewhere it is not', t => {
  const recall = new BeatRecall();
  const read = (body: Beat): Beat => {
    const found = decodeDatagram(tag, one, encodeDatagram(tag, header, body), recall);
    return (found as {body: Beat}).body;
  };

  const first = read(beat);
  const next = read({...beat, beat: 13, echoes: [], proofAgeMs: 40});
  t.deepEqual(next, {...beat, beat: 13, echoes: [], proofAgeMs: 40});
  t.is(next.about, first.about);
  const later = read({...beat, beat: 14, term: 8});
  t.deepEqual(later, {...beat, beat: 14, term: 8});
  t.not(later.about, first.about);
});

const standingChanges: readonly Partial<Beat>[] = [
  {term: 8},
  {role: 'follower'},
  {leader: undefined},
  {leaving: true},
  {sound: false},
  {asking: true},
  {held: undefined},
  {held: {...stamp, digest: nonce}},
  {kept: false},
  {committed: undefined},
  {committed: {...version, index: 4}},
  {applied: stamp},
  {lineage: undefined},
  {memberCount: 4},
  {forks: 2},
  {edition: {software: '0.2.0', configDigest: nonce}},
  {caretaking: 'idle'},
  {witness: false},
  {about: {...beat.about, reachesB: true}},
];

for (const change of standingChanges) {
  test(`a beat that differs from the last one in one thing says so: ${Object.keys(change)[0]} ${JSON.stringify(change)}`, t => {
    encodeDatagram(tag, header, {...beat}); // What stands is known from here
    const changed = {...beat, beat: 13, echoes: [], proofAgeMs: 7, ...change};
    const read = decodeDatagram(tag, one, encodeDatagram(tag, header, changed));
    t.deepEqual(typeof read === 'string' ? read : read.body, changed);
  });
}

test('what another cluster says is told apart', t => {
  t.is(decodeDatagram(new Uint8Array(8), one, encodeDatagram(tag, header, beat)), 'wrong-cluster');
});

for (const [versionMin, versionMax, isRead] of [
  [1, 1, true],
  [1, 3, true],
  [0, 1, true],
  [2, 2, false],
  [2, 9, false],
  [0, 0, false],
] as const) {
  test(`who speaks ${versionMin}..${versionMax} is ${isRead ? 'read' : 'told apart, whatever else it says'}`, t => {
    const datagram = codec.decode(encodeDatagram(tag, header, beat));
    const bytes = codec.encode(Object.assign(datagram, {versionMin, versionMax})).finish();

    t.is(typeof decodeDatagram(tag, one, bytes) === 'object', isRead);
    t.is(decodeDatagram(tag, one, bytes) === 'other-protocol', !isRead);
  });
}

test('no bytes whatever make it throw', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 200}), bytes => {
      t.is(typeof decodeDatagram(tag, one, bytes), 'string');
    }),
    {numRuns: 500},
  );
});

test('a beat with any one byte changed is read or dropped, and never throws', t => {
  const bytes = encodeDatagram(tag, header, beat);
  for (let index = 0; index < bytes.length; index++) {
    const changed = Uint8Array.from(bytes);
    changed[index]! ^= 0xff;
    t.notThrows(() => decodeDatagram(tag, one, changed));
  }
});
