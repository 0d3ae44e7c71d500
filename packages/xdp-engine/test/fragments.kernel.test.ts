import {buildEthernet, buildUdp, etherTypes, fragmentIpv4, fragmentIpv6, padded, randomFrom} from '@tacoplex/frames';
import {
  createDecision,
  type Decision,
  decide,
  decideFragment,
  FragmentMemory,
  fragmentKeyWords,
  type ImageContent,
  imageBytes,
  openImage,
  reasons,
  shellReasonNumber,
  writeFragmentKey,
  writeImage,
} from '@tacoplex/leveling';
import {familyOf, type IpAddress, type MacAddress, toHex} from '@tacoplex/vocabulary';
import type {ExecutionContext} from 'ava';
import {createCounterArrays} from '../src/counters.ts';
import {fragmentEntry, held, way} from '../src/layout.ts';
import type {XdpReplica} from '../src/replica.ts';
import {content, onKernel, startTwins} from './program.ts';

const targets = ['10.0.1.200', '10.0.1.202', '10.0.1.204', '10.0.1.203', 'fd00:b::200', 'fd00:b::201'] as IpAddress[];
const hashKey = Int32Array.of(1, 2, 3, 4);

/** The fragments of one UDP datagram, as frames from a client to us, in order. */
function datagram(
  to: IpAddress,
  {identification = 0x1234, sourcePort = 40_000, bytes = 3000, perFragment = 800} = {},
): Uint8Array[] {
  const isIpv4 = familyOf(to) === 'ipv4';
  const ends = {source: (isIpv4 ? '192.0.2.7' : '2001:db8::7') as IpAddress, destination: to};
  const payload = buildUdp(ends, {
    sourcePort,
    destinationPort: to === '10.0.1.203' ? 1645 : 53,
    payload: Uint8Array.from({length: bytes}, (_, index) => identification + index * 3),
  });
  const packet = {...ends, protocol: 17, payload};
  const pieces = isIpv4
    ? fragmentIpv4({...packet, identification}, perFragment)
    : fragmentIpv6(packet, perFragment, identification);
  return pieces.map(piece =>
    padded(
      buildEthernet({
        destination: content.ourMac,
        source: '02:00:00:00:00:99' as MacAddress,
        type: isIpv4 ? etherTypes.ipv4 : etherTypes.ipv6,
        payload: piece,
      }),
    ),
  );
}

const start = (t: ExecutionContext): XdpReplica => {
  const {replica} = startTwins();
  t.teardown(() => replica.close());
  return replica;
};

/** The reference, with a memory of its own. */
function createReference(what: ImageContent): (frame: Uint8Array) => Decision {
  const buffer = new ArrayBuffer(imageBytes);
  writeImage(buffer, what);
  const [image, memory, decision] = [openImage(buffer), new FragmentMemory(hashKey), createDecision()];
  return frame => {
    decide(image, frame, frame.length, decision);
    decideFragment(image, memory, frame, 0, decision);
    return decision;
  };
}

const macOf = (server: number): string => (content.servers[server - 1]?.mac ?? '').replaceAll(':', '');

const counted = (replica: XdpReplica, number: number): number => {
  const arrays = createCounterArrays();
  replica.readCounters(arrays, [], 0);
  return arrays.reasons[number] ?? 0;
};

const keyOf = (frame: Uint8Array): Uint8Array => {
  const [image, decision] = [openImage(imageOf(content)), createDecision()];
  decide(image, frame, frame.length, decision);
  const key = new Int32Array(fragmentKeyWords);
  writeFragmentKey(frame, decision.packet, key);
  return new Uint8Array(key.buffer);
};

const imageOf = (what: ImageContent): ArrayBuffer => {
  const buffer = new ArrayBuffer(imageBytes);
  writeImage(buffer, what);
  return buffer;
};

onKernel(
  'interleaved datagrams in any order go where the reference sends them, and what is early is handed over',
  t => {
    const seed = Number(process.env.TACOPLEX_SEED ?? Date.now() % 4_294_967_296);
    t.log(`TACOPLEX_SEED=${seed}`);
    const random = randomFrom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const replica = start(t);
    const reference = createReference(content);
    const verdicts = new Set<string>();

    for (let round = 0; round < 300; round++) {
      const pieces = Array.from({length: 1 + below(6)}, () =>
        datagram(targets[below(targets.length)] as IpAddress, {
          identification: below(200),
          sourcePort: 1024 + below(60_000),
          bytes: 900 + below(3000),
        }),
      ).flat();
      for (let left = pieces.length; left > 0; left--) {
        const frame = pieces.splice(below(left), 1)[0] as Uint8Array;
        const {verdict, reason, server} = reference(frame);
        const {action, frame: after} = replica.run(frame);
        const records = replica.takeHeld();
        const frames = records.filter(record => record.length > held.bytes);

        verdicts.add(verdict);
        t.is(action, verdict === 'forward' ? 'redirect' : 'drop', reasons[reason]);
        t.deepEqual(
          frames.map(record => toHex(record.subarray(held.bytes))),
          verdict === 'hold' ? [toHex(frame)] : [],
        );
        if (verdict === 'forward') {
          t.is(toHex(after.subarray(0, 6)), macOf(server));
          t.is(toHex(after.subarray(12)), toHex(frame.subarray(12)));
        }
      }
    }

    t.deepEqual([...verdicts].sort(), ['forward', 'hold']);
  },
);

for (const to of ['10.0.1.200', 'fd00:b::200'] as IpAddress[]) {
  onKernel(`${to}: the first fragment is announced if one waits for it, once, and not otherwise`, t => {
    const replica = start(t);
    const [first, second, third] = datagram(to) as [Uint8Array, Uint8Array, Uint8Array];
    replica.run(second);
    replica.run(third);
    t.is(replica.takeHeld().length, 2);

    replica.run(first);
    const [said, ...more] = replica.takeHeld();
    replica.run(first);

    t.is(more.length, 0);
    t.deepEqual(said?.subarray(held.key, held.key + 40), keyOf(first));
    const view = new DataView(said?.buffer ?? new ArrayBuffer(held.bytes), held.way);
    t.is(view.getUint16(way.ports, false), 40_000);
    t.is(view.getUint16(way.server, true), createReference(content)(first).server);
    t.is(view.getUint8(way.protocol), 17);
    t.is(view.getUint8(way.isKnown), 1);
    t.is(replica.takeHeld().length, 0);
    t.is(replica.run(second).action, 'redirect');
  });

  onKernel(`${to}: fragments follow their first one though the table has changed, until that was 5 s ago`, t => {
    const replica = start(t);
    const [first, second] = datagram(to) as [Uint8Array, Uint8Array];
    const before = toHex(replica.run(first).frame.subarray(0, 6));
    const groups = content.groups.map(group => ({...group, base: group.base.map(server => (server % 4) + 1)}));
    replica.install({...content, groups});

    t.not(toHex(replica.run(datagram(to, {identification: 7})[0] as Uint8Array).frame.subarray(0, 6)), before);
    t.is(toHex(replica.run(second).frame.subarray(0, 6)), before);
    const entry = new Uint8Array(fragmentEntry.bytes);
    t.true(replica.fragments.read(keyOf(first), entry));
    new DataView(entry.buffer).setBigUint64(fragmentEntry.until_ns, 1n, true);
    replica.fragments.set(keyOf(first), entry);
    t.is(replica.run(second).action, 'drop');
    replica.run(first);
    t.is(replica.takeHeld().length, 2, 'it was awaited again');
  });
}

onKernel('frames of every length are handed over byte for byte, round and round the ring', t => {
  const replica = start(t);
  let handed = 0;
  for (let length = 8; length <= 3400; length += 1) {
    const [, later] = datagram('10.0.1.200' as IpAddress, {
      identification: length,
      bytes: 8 * 430 + length,
      perFragment: 8 * 431,
    }) as [Uint8Array, Uint8Array];
    replica.run(later);
    const [record, ...more] = replica.takeHeld();
    handed += record?.length ?? 0;

    t.is(more.length, 0);
    t.is(Buffer.compare(record?.subarray(held.bytes) ?? new Uint8Array(), later), 0);
  }

  t.true(handed > 2 ** 22);
});

onKernel('when nobody takes what is handed over the ring is full, and the rest is dropped and counted', t => {
  const replica = start(t);
  const sent = 4000;
  for (let identification = 0; identification < sent; identification++) {
    const [, later] = datagram('10.0.1.200' as IpAddress, {identification, bytes: 2900, perFragment: 1480});

    t.is(replica.run(later as Uint8Array).action, 'drop');
  }

  const records = replica.takeHeld().length;
  t.true(records > 2000 && records < sent);
  t.is(counted(replica, shellReasonNumber('fragment-overflow')), sent - records);
  t.is(counted(replica, reasons.indexOf('fragment-later')), sent);
});
