import test from 'ava';
import fc from 'fast-check';
import {FragmentMemory, fragmentKeyWords, HeldFragments} from '../src/index.ts';
import {Desk, datagram} from './fragments.ts';
import {at, decisionOn} from './samples.ts';

const hashKey = Int32Array.of(5, 6, 7, 8);
const keyOf = (datagramNumber: number): Int32Array => new Int32Array(fragmentKeyWords).fill(datagramNumber);

const collect = (held: HeldFragments, key: Int32Array, nowMs: number): number[][] => {
  const frames: number[][] = [];
  held.release(key, nowMs, (frame, length) => frames.push([...frame.subarray(0, length)]));
  return frames;
};

test('what waits for another datagram stays', t => {
  const held = new HeldFragments(hashKey);
  held.hold(keyOf(1), Uint8Array.of(1), 1, 0);
  held.hold(keyOf(2), Uint8Array.of(2), 1, 0);

  t.deepEqual(collect(held, keyOf(2), 0), [[2]]);
  t.deepEqual(collect(held, keyOf(3), 0), []);
  t.is(held.waiting, 1);
});

test('frames are copies', t => {
  const held = new HeldFragments(hashKey);
  const frame = Uint8Array.of(1, 2, 3, 4);
  held.hold(keyOf(1), frame, 3, 0);
  frame.fill(9);

  t.deepEqual(collect(held, keyOf(1), 0), [[1, 2, 3]]);
});

for (const [limit, limits] of [
  ['bytes', {frames: 64, bytes: 1000, holdMs: 1000}],
  ['frames', {frames: 16, bytes: 100_000, holdMs: 1000}],
] as const) {
  test(`there is no room beyond the limit of ${limit}, and there is again when frames have expired`, t => {
    const held = new HeldFragments(hashKey, limits);
    const frame = new Uint8Array(60);

    let taken = 0;
    while (held.hold(keyOf(taken), frame, frame.length, 0)) {
      taken++;
    }

    t.is(taken, 16);
    t.is(held.expire(1000), 16);
    t.is(held.waiting, 0);
    t.true(held.hold(keyOf(1), frame, frame.length, 1000));
  });
}

test('a frame longer than all room there is is not held', t => {
  const held = new HeldFragments(hashKey, {frames: 16, bytes: 1000, holdMs: 1000});

  t.false(held.hold(keyOf(1), new Uint8Array(1001), 1001, 0));
  t.true(held.hold(keyOf(1), new Uint8Array(1000), 1000, 0));
});

type Step =
  | {readonly kind: 'hold'; readonly of: number; readonly length: number}
  | {readonly kind: 'release'; readonly of: number}
  | {readonly kind: 'pass'; readonly ms: number};

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('hold' as const),
      of: fc.nat(5),
      length: fc.integer({min: 1, max: 120}),
    }),
  },
  {weight: 2, arbitrary: fc.record({kind: fc.constant('release' as const), of: fc.nat(5)})},
  {weight: 1, arbitrary: fc.record({kind: fc.constant('pass' as const), ms: fc.nat(1200)})},
);

test('whatever happens, each frame held is sent once, whole and in order, or expires', t => {
  fc.assert(
    fc.property(fc.array(step, {maxLength: 300}), steps => {
      const held = new HeldFragments(hashKey, {frames: 16, bytes: 1000, holdMs: 1000});
      let model: {of: number; bytes: number[]; since: number}[] = [];
      let nowMs = 0;
      for (const [number, one] of steps.entries()) {
        if (one.kind === 'pass') {
          nowMs += one.ms;
          const late = model.filter(({since}) => nowMs - since >= 1000).length;
          t.is(held.expire(nowMs), late);
          model = model.filter(({since}) => nowMs - since < 1000);
        } else if (one.kind === 'release') {
          const expected = model.filter(({of}) => of === one.of).map(({bytes}) => bytes);
          t.deepEqual(collect(held, keyOf(one.of), nowMs), expected);
          model = model.filter(({of}) => of !== one.of);
        } else {
          const bytes = Array.from({length: one.length}, (_, index) => (number + index) & 0xff);
          if (held.hold(keyOf(one.of), Uint8Array.from(bytes), one.length, nowMs)) {
            model.push({of: one.of, bytes, since: nowMs});
          }
        }

        t.is(held.waiting, model.length);
        t.true(model.reduce((sum, {bytes}) => sum + bytes.length, 0) <= 1000);
      }
    }),
    {numRuns: 200},
  );
});

test('a flood of later fragments is bounded, counted, and does not harm those that come after it', t => {
  const desk = new Desk({held: {frames: 64, bytes: 64 * 1514, holdMs: 1000}});
  for (let identification = 0; identification < 1000; identification++) {
    desk.take(datagram(at.flow, {identification, perFragment: 1400})[1] as Uint8Array);
  }

  t.is(desk.held.waiting, 64);
  t.is(desk.overflowed, 936);
  desk.pass(1000);
  t.is(desk.expired, 64);
  for (const piece of datagram(at.flow, {identification: 7}).reverse()) {
    desk.take(piece);
  }

  t.is(desk.sent.length, 4);
});

test('a memory that is full lets go of the oldest, and goes on for ever', t => {
  const memory = new FragmentMemory(hashKey, {datagrams: 64, rememberMs: 5000});
  const pieces = Array.from({length: 200}, (_, identification) => datagram(at.flow, {identification, bytes: 900}));
  for (const [start] of pieces) {
    memory.remember(start as Uint8Array, decisionOn(start as Uint8Array).packet, 3, 0);
  }

  const known = pieces.map(([, later = new Uint8Array()]) => memory.find(later, decisionOn(later).packet, 1) !== -1);

  t.deepEqual(
    known,
    pieces.map((_, index) => index >= 136),
  );
});

test('a datagram that is remembered again and again takes one place', t => {
  const memory = new FragmentMemory(hashKey, {datagrams: 4, rememberMs: 5000});
  const [start = new Uint8Array(), later = new Uint8Array()] = datagram(at.flow6);
  const {packet} = decisionOn(start);
  for (let server = 1; server <= 100; server++) {
    memory.remember(start, packet, server, 0);

    t.is(memory.serverAt(memory.find(later, decisionOn(later).packet, 1)), server);
  }
});
