import {ipProtocols} from '@tacoplex/frames';
import {type IpAddress, ipFromBytes} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {frameNamed, namedFrames} from './named-frames.ts';
import {icmpError, packet, tcp, tcpAnswer, udp} from './packets.ts';
import {at, decisionOn, image, outcome, outcomeOf, router, router6, toUs} from './samples.ts';

const port = fc.integer({min: 1, max: 65_535});
const host4 = fc
  .tuple(fc.integer({min: 1, max: 126}), fc.uint8Array({minLength: 3, maxLength: 3}))
  .map(([first, rest]) => ipFromBytes(Uint8Array.of(first, ...rest)))
  .filter(ip => !(Object.values(at) as string[]).includes(ip));
const host6 = fc.uint8Array({minLength: 15, maxLength: 15}).map(rest => ipFromBytes(Uint8Array.of(0x20, ...rest)));
const words = fc.integer({min: 1, max: 4});
const frame = fc.constantFrom(...namedFrames.map(({name}) => name)).map(frameNamed);

/** Bytes that stand in memory behind the frame: a decision that depends on them has read too far. */
function among(bytes: Uint8Array, garbage: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + 300).fill(garbage);
  longer.set(bytes);
  return longer;
}

test('every truncation of every frame is decided by its own bytes alone', t => {
  for (const {name, frame: whole} of namedFrames) {
    for (let length = 0; length <= whole.length; length++) {
      const cut = outcome(whole.slice(0, length));

      t.deepEqual(outcome(whole, length), cut, `${name}, ${length} bytes of it`);
      for (const garbage of [0x00, 0x45, 0xff]) {
        t.deepEqual(outcome(among(whole.slice(0, length), garbage), length), cut, `${name}, ${length} bytes`);
      }
    }
  }
});

test('a length beyond the buffer is the length of the buffer', t => {
  for (const {frame: whole} of namedFrames) {
    t.deepEqual(outcome(whole, whole.length + 100), outcome(whole));
  }
});

test('no byte of a frame that changes makes it read beyond its end or forward to nowhere', t => {
  fc.assert(
    fc.property(frame, fc.nat(), fc.nat(255), (bytes, position, value) => {
      const changed = bytes.slice();
      changed[position % (bytes.length + 1)] = value;
      const decided = outcome(changed);

      t.deepEqual(outcome(among(changed, 0x45), changed.length), decided);
      t.is(decided.verdict === 'forward', decided.server !== 0 && decided.reason === 'forwarded');
    }),
    {numRuns: 5000},
  );
});

test('random bytes are never forwarded to a server that is dead, unknown or of another group', t => {
  const ours = fc.constantFrom(
    ...['TCP over IPv4', 'TCP over IPv6', 'TCP with a VLAN tag'].map(name => frameNamed(name).slice(0, 18)),
    new Uint8Array(),
  );
  fc.assert(
    fc.property(ours, fc.uint8Array({maxLength: 120}), (start, rest) => {
      const decision = decisionOn(Uint8Array.of(...start, ...rest));
      const {verdict, group, bin, server, service} = decision;

      if (verdict === 'forward') {
        const table = image.tables.subarray(2 * group * 65_536);
        t.true([table[bin], table[bin + 65_536]].includes(server));
        t.true(server >= 1 && server <= 7 && service >= 0);
      } else {
        t.true(server === 0 || server === 10);
      }
    }),
    {numRuns: 5000},
  );
});

test('only frames for a service address are dropped', t => {
  fc.assert(
    fc.property(host4, host4, fc.nat(20), fc.nat(255), (source, destination, position, value) => {
      const bytes = tcp(destination, 80, {}, {}, {source, destination});
      bytes[position < 16 ? position : position + 4] = value; // Anywhere but in the destination address

      t.not(outcome(toUs(bytes, {type: 0x0800})).verdict, 'drop');
    }),
  );
});

test('packets of one flow share a bin, whatever their options, tags and sizes', t => {
  fc.assert(
    fc.property(host4, port, words, fc.nat(4094), fc.nat(100), (source, sourcePort, optionWords, id, bytes) => {
      const ends = {source, destination: at.flow};
      const plain = outcome(toUs(tcp(at.flow, 80, {}, {sourcePort}, ends)));
      const fancy = tcp(
        at.flow,
        80,
        {options: new Uint8Array(4 * optionWords).fill(1), identification: bytes},
        {sourcePort, payload: new Uint8Array(bytes)},
        ends,
      );

      t.deepEqual(outcome(toUs(fancy, {tags: [{id}]})), plain);
      t.is(plain.verdict, 'forward');
    }),
  );
});

test('IPv6 extension headers do not change the decision', t => {
  const kind = fc.constantFrom('hopByHop', 'routing', 'destinationOptions', 'authentication');
  const headers = fc.array(fc.record({kind, words}), {maxLength: 8});
  fc.assert(
    fc.property(host6, port, headers, (source, sourcePort, extensionHeaders) => {
      const build = (extra: object) =>
        outcome(toUs(tcp(at.flow6, 80, extra, {sourcePort}, {source, destination: at.flow6})));

      t.deepEqual(build({extensionHeaders}), build({}));
    }),
  );
});

const turned = (service: IpAddress, sourcePort: number, client: IpAddress, protocol: number) => {
  const ends = {source: service, destination: client};
  const ports = Uint8Array.of(
    0,
    protocol === ipProtocols.tcp ? 80 : 53,
    sourcePort >> 8,
    sourcePort & 0xff,
    0,
    0,
    0,
    0,
  );
  return packet(ends, protocol, ports);
};

for (const [family, host, service, from, type] of [
  ['IPv4', host4, at.flow, router, 3],
  ['IPv6', host6, at.flow6, router6, 2],
] as const) {
  test(`an error meets the server of the flow it quotes, over ${family}`, t => {
    fc.assert(
      fc.property(host, port, fc.boolean(), (source, sourcePort, isTcp) => {
        const ends = {source, destination: service};
        const flow = isTcp ? tcp(service, 80, {}, {sourcePort}, ends) : udp(service, 53, {}, undefined, ends);
        const quote = turned(service, isTcp ? sourcePort : 40_000, source, isTcp ? 6 : 17);

        t.deepEqual(outcome(toUs(icmpError(from, service, type, quote))), outcome(toUs(flow)));
      }),
    );
  });
}

test('flows spread over all servers of their group', t => {
  const counts = new Map<number, number>();
  for (let sourcePort = 1024; sourcePort < 1024 + 4000; sourcePort++) {
    const {server} = outcome(toUs(tcp(at.flow, 80, {}, {sourcePort})));
    counts.set(server, (counts.get(server) ?? 0) + 1);
  }

  const chiSquare = [1, 2, 3, 4].reduce((sum, server) => sum + ((counts.get(server) ?? 0) - 1000) ** 2 / 1000, 0);
  t.true(chiSquare < 16.27, `chi-square of ${chiSquare} with 3 degrees of freedom`); // p = 0.001; keys are fixed
});

test('another hash key gives other bins', t => {
  const frames = Array.from({length: 64}, (_, index) => toUs(tcp(at.flow, 80, {}, {sourcePort: 5000 + index})));
  const other = {...image, hashKey: image.hashKey.map(word => word ^ 1)};
  const bins = frames.map(bytes => decisionOn(bytes).bin);

  t.true(frames.filter((bytes, index) => decisionOn(bytes, bytes.length, other).bin !== bins[index]).length > 60);
});

test('an error that quotes a whole packet or 8 bytes of it says the same', t => {
  const quote = tcpAnswer(at.flow, 80);
  const all = decisionOn(toUs(icmpError(router, at.flow, 3, quote)));

  t.deepEqual(outcomeOf(all), outcome(toUs(icmpError(router, at.flow, 3, quote.slice(0, 28)))));
});
