import {toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {reasons} from '../src/index.ts';
import {Desk, datagram} from './fragments.ts';
import {namedFrames} from './named-frames.ts';
import {packet} from './packets.ts';
import {at, content, decisionOn, imageOf, outcomeOf, toUs} from './samples.ts';

const first = <T>(list: readonly T[]): T => list[0] as T;
const reasonOf = ({reason}: {readonly reason: number}): string | undefined => reasons[reason];

for (const [family, to] of [
  ['IPv4', at.flow],
  ['IPv6', at.flow6],
] as const) {
  test(`${family}: later fragments follow the first one`, t => {
    const desk = new Desk();
    const pieces = datagram(to);

    const [start, ...rest] = pieces.map(piece => desk.take(piece));

    for (const later of rest) {
      t.like(outcomeOf(later), {
        verdict: 'forward',
        reason: 'forwarded',
        service: start?.service,
        group: start?.group,
        server: start?.server,
        bin: -1,
      });
    }
  });

  test(`${family}: in reverse order they are held, and sent on in the order they came`, t => {
    const desk = new Desk();
    const pieces = datagram(to).reverse();

    const verdicts = pieces.map(piece => desk.take(piece).verdict);

    t.deepEqual(verdicts, ['hold', 'hold', 'hold', 'forward']);
    const [start, ...rest] = pieces.reverse().map(toHex);
    t.deepEqual(
      desk.sent.map(({frame}) => toHex(frame)),
      [start, ...rest.reverse()],
    );
    t.is(new Set(desk.sent.map(({server}) => server)).size, 1);
    t.is(desk.held.waiting, 0);
  });

  test(`${family}: one that has waited for a second is let go, and so is its place`, t => {
    const desk = new Desk();
    const [start, later] = datagram(to) as [Uint8Array, Uint8Array];
    desk.take(later);

    desk.pass(999);
    t.is(desk.held.waiting, 1);
    desk.pass(1);
    desk.take(start);

    t.is(desk.expired, 1);
    t.is(desk.sent.length, 1);
  });

  test(`${family}: a first fragment is remembered for 5 s`, t => {
    const desk = new Desk();
    const [start, second, third] = datagram(to) as [Uint8Array, Uint8Array, Uint8Array];
    desk.take(start);

    desk.pass(4999);
    t.is(desk.take(second).verdict, 'forward');
    desk.pass(1);
    t.is(desk.take(third).verdict, 'hold');
  });
}

test('what waits is not sent on after a second, even if nobody has looked meanwhile', t => {
  const desk = new Desk();
  const [start, later] = datagram(at.flow) as [Uint8Array, Uint8Array];
  desk.take(later);

  desk.nowMs += 1000;
  desk.take(start);
  desk.expire();

  t.is(desk.sent.length, 1);
  t.is(desk.expired, 1);
});

test('any interleaving of datagrams, in any order and with duplicates, brings each to the server of its first', t => {
  const plan = fc.array(
    fc.record({
      to: fc.constantFrom(at.flow, at.port, at.every, at.layered, at.flow6),
      identification: fc.integer({min: 0, max: 65_535}),
      sourcePort: fc.integer({min: 1, max: 65_535}),
      bytes: fc.integer({min: 801, max: 6000}),
    }),
    {minLength: 1, maxLength: 8},
  );
  fc.assert(
    fc.property(plan, fc.infiniteStream(fc.nat()), (datagrams, random) => {
      const desk = new Desk();
      const unique = new Map(datagrams.map(one => [`${one.to} ${one.identification}`, one]));
      const all = [...unique.values()].map(one => datagram(one.to, one));
      const pieces = all.flatMap((own, index) => own.map(frame => ({frame, index})));
      const next = (): number => random.next().value ?? 0;
      const sent = pieces.flatMap(piece => (next() % 4 === 0 ? [piece, piece] : [piece]));
      sent.sort(() => (next() % 2 === 0 ? 1 : -1));

      for (const {frame} of sent) {
        desk.take(frame);
      }

      t.is(desk.held.waiting, 0);
      t.is(desk.sent.length, sent.length);
      const serverOf = all.map(own => decisionOn(first(own)).server);
      const indexOf = new Map(pieces.map(({frame, index}) => [toHex(frame), index]));
      for (const {frame, server} of desk.sent) {
        t.is(server, serverOf[indexOf.get(toHex(frame)) ?? -1] ?? 0);
      }
    }),
    {numRuns: 100},
  );
});

test('the newer one counts if an identification is used again', t => {
  const desk = new Desk();
  const servers = new Set<number>();
  for (let sourcePort = 1000; sourcePort < 1020; sourcePort++) {
    const [start, later] = datagram(at.flow, {sourcePort}) as [Uint8Array, Uint8Array];
    const expected = desk.take(start).server;
    servers.add(expected);

    t.is(desk.take(later).server, expected);
  }

  t.true(servers.size > 1);
});

test('fragments follow their first one though the table has changed in between', t => {
  const groups = content.groups.map(group => ({...group, base: group.base.slice().fill(2)}));
  const [start, later] = datagram(at.flow) as [Uint8Array, Uint8Array];
  const before = new Desk();
  const {server} = before.take(start);
  const after = new Desk({image: imageOf({...content, groups})});
  after.memory.remember(start, decisionOn(start).packet, server, 0);

  t.not(server, 2);
  t.is(after.take(later).server, server);
});

for (const [what, change, reason] of [
  ['whose server has died since is dropped', {dead: true}, 'no-server'],
  ['whose server has lost its MAC address is dropped', {mac: undefined, dead: false}, 'no-mac'],
] as const) {
  test(`a later fragment ${what}`, t => {
    const servers = content.servers.map(server => ({...server, ...change}));
    const desk = new Desk({image: imageOf({...content, servers})});
    const [start, later] = datagram(at.flow) as [Uint8Array, Uint8Array];
    desk.memory.remember(start, decisionOn(start).packet, 1, 0);

    t.is(reasonOf(desk.take(later)), reason);
  });
}

test('a later fragment whose service has gone since goes up the stack', t => {
  const services = content.services.filter(({port}) => port !== 53);
  const gone = [...services, {...first(content.services), protocol: 17, port: 54}];
  const desk = new Desk({image: imageOf({...content, services: gone})});
  const [start, later] = datagram(at.flow) as [Uint8Array, Uint8Array];
  desk.memory.remember(start, decisionOn(start).packet, 1, 0);

  t.is(reasonOf(desk.take(later)), 'no-service');
});

test('a first fragment that is not forwarded is not remembered', t => {
  const desk = new Desk();
  const [start, later] = datagram(at.flow, {port: 54}) as [Uint8Array, Uint8Array];

  t.is(reasonOf(desk.take(start)), 'no-service');
  t.is(desk.take(later).verdict, 'hold');
});

test('a first fragment that ends within the ports is dropped, and what follows it expires', t => {
  const desk = new Desk();
  const ends = {source: '192.0.2.7' as never, destination: at.flow};
  const extra = {identification: 0x1234, moreFragments: true};
  const [, later] = datagram(at.flow) as [Uint8Array, Uint8Array];

  t.is(reasonOf(desk.take(toUs(packet(ends, 17, new Uint8Array(3), extra)))), 'transport-truncated');
  desk.take(later);
  desk.pass(1000);

  t.is(desk.expired, 1);
});

test('a first fragment without a rest is forwarded, and costs one entry for 5 s', t => {
  const desk = new Desk();

  t.is(desk.take(first(datagram(at.flow))).verdict, 'forward');
  t.is(desk.held.waiting, 0);
});

test('overlapping fragments all go to one server, which may sort them out', t => {
  const desk = new Desk();
  const pieces = [...datagram(at.flow, {perFragment: 800}), ...datagram(at.flow, {perFragment: 720}).slice(1)];

  for (const piece of pieces) {
    desk.take(piece);
  }

  t.is(desk.sent.length, pieces.length);
  t.is(new Set(desk.sent.map(({server}) => server)).size, 1);
});

test('a later fragment of another protocol does not follow, over IPv4', t => {
  const desk = new Desk();
  const [start, later] = datagram(at.every) as [Uint8Array, Uint8Array];
  later[14 + 9] = 6;
  desk.take(start);

  t.is(desk.take(later).verdict, 'hold');
});

test('a later IPv6 fragment follows though an extension header hides its protocol', t => {
  const desk = new Desk();
  const [start, later] = datagram(at.flow6) as [Uint8Array, Uint8Array];
  later[14 + 40] = 60;
  desk.take(start);

  t.is(desk.take(later).verdict, 'forward');
});

test('fragments of somebody else are left alone', t => {
  const desk = new Desk();

  t.deepEqual(
    datagram(at.nobody).map(piece => reasonOf(desk.take(piece))),
    Array.from({length: 4}, () => 'no-service'),
  );
});

test('frames that are no fragments are decided as without a memory', t => {
  const desk = new Desk();
  for (const {name, frame} of namedFrames) {
    const {packet: read, ...alone} = decisionOn(frame);
    if (read.fragment === 0) {
      const {packet: _, ...decision} = desk.take(frame);

      t.deepEqual(decision, alone, name);
    }
  }
});
