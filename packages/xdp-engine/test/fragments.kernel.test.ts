import {randomFrom} from '@tacoplex/frames';
import {
  createDecision,
  type Decision,
  decide,
  decideFragment,
  FragmentMemory,
  type ImageContent,
  imageBytes,
  openImage,
  reasons,
  shellReasonNumber,
  writeImage,
} from '@tacoplex/leveling';
import {type IpAddress, toHex} from '@tacoplex/vocabulary';
import type {ExecutionContext} from 'ava';
import {createCounterArrays} from '../src/counters.ts';
import {fragmentEntry, held, way} from '../src/layout.ts';
import type {XdpReplica} from '../src/replica.ts';
import {datagram, keyOf} from './datagrams.ts';
import {content, onKernel, startTwins} from './program.ts';

const targets = ['10.0.1.200', '10.0.1.202', '10.0.1.204', '10.0.1.203', 'fd00:b::200', 'fd00:b::201'] as IpAddress[];
const hashKey = Int32Array.of(1, 2, 3, 4);

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
          identification: 4 * round + below(4), // The reference's clock stands still: nothing may get old meanwhile
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
