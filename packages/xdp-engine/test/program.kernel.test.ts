import type {ImageContent} from '@tacoplex/leveling';
import {
  binCount,
  ipFromBytes,
  type MacAddress,
  type MonotonicMs,
  macFromBytes,
  type ServerNumber,
  toHex,
} from '@tacoplex/vocabulary';
import type {ExecutionContext} from 'ava';
import type {XdpReplica} from '../src/index.ts';
import {content, frameNamed, onKernel, sourceMac, startTwins} from './program.ts';

const frame = frameNamed('TCP over IPv4');
const reason = {sourceAddress: 18, noServer: 21, noMac: 22, fenced: 23, netBDown: 24};

function start(t: ExecutionContext): XdpReplica {
  const {replica} = startTwins();
  t.teardown(() => replica.close());
  return replica;
}

function counted(replica: XdpReplica, number: number): number {
  const arrays = {
    reasons: new Float64Array(32),
    servers: new Float64Array(2 * 65_536),
    services: [new Float64Array(2048), new Float64Array(2048)],
  } as const;
  replica.readCounters(arrays, [], 0);
  return arrays.reasons[number] ?? 0;
}

/** Every bin of the frames' group has this server, and this fallback. */
const everyBin = (base: number, fallback = 0): ImageContent => ({
  ...content,
  groups: [
    {
      number: 0 as never,
      base: new Uint16Array(binCount).fill(base),
      fallback: new Uint16Array(binCount).fill(fallback),
    },
  ],
});

onKernel('the verifier needs less than a tenth of what it may', t => {
  const replica = start(t);

  for (const [name, log] of Object.entries(replica.logs)) {
    t.log(`${name}: ${log.replaceAll('\n', ', ')}`);
    const [, processed = ''] = /processed (\d+) insns/.exec(log) ?? [];
    t.true(Number(processed) > 0 && Number(processed) < 100_000, name);
  }
});

onKernel('a forwarded frame changes in its first 12 bytes and no other', t => {
  const {action, frame: after} = start(t).run(frame);

  t.is(action, 'redirect');
  t.is(toHex(after.subarray(6, 12)), toHex(sourceMac));
  t.is(toHex(after.subarray(0, 5)), '0200000001');
  t.is(toHex(after.subarray(12)), toHex(frame.subarray(12)));
});

onKernel('of hundreds of flows each is sent to its own server, also if they are compared when all have been run', t => {
  const replica = start(t);
  const flows = Array.from({length: 409}, (_, index) => {
    const flow = Uint8Array.from(frame);
    new DataView(flow.buffer).setUint16(34, 20_000 + index); // TCP's source port
    return flow;
  });

  const decided = flows.map(flow => ({
    server: replica.explain(flow).server,
    destination: replica.run(flow).frame.slice(0, 6),
  }));

  const macOf = new Map(content.servers.map(({number, mac}) => [number as number, mac]));
  t.true(new Set(decided.map(({server}) => server)).size > 2);
  for (const {server, destination} of decided) {
    t.is(macFromBytes(destination) as MacAddress | undefined, macOf.get(server));
  }
});

onKernel('the next frame follows the side that was put in force', t => {
  const replica = start(t);

  for (const server of [3, 4, 5, 3]) {
    replica.install(everyBin(server));

    t.is(replica.explain(frame).server, server);
    t.is(replica.run(frame).frame[5], server);
  }
});

onKernel('an image that fails to be written changes nothing', t => {
  const replica = start(t);
  const before = replica.explain(frame);

  t.throws(() => replica.install({...content, hashKey: new Uint8Array(3)}), {instanceOf: RangeError});
  t.deepEqual(replica.explain(frame), before);
});

onKernel('a dead server gives way to the fallback, and comes back', t => {
  const replica = start(t);
  replica.install(everyBin(1, 2));
  const [one, two] = content.servers as [ImageContent['servers'][number], ImageContent['servers'][number]];

  replica.setServer({...one, dead: true});
  t.is(replica.explain(frame).server, 2);
  replica.setServer({...two, dead: true});
  t.is(replica.explain(frame).reason, reason.noServer);
  t.is(replica.run(frame).action, 'drop');
  replica.setServer(one);
  t.is(replica.explain(frame).server, 1);
});

onKernel('a MAC address is learnt and changed while frames flow', t => {
  const replica = start(t);
  replica.install(everyBin(10)); // Lives; its MAC address is not known
  const number = 10 as ServerNumber;

  t.is(replica.explain(frame).reason, reason.noMac);
  replica.setServer({number, mac: '02:00:00:00:01:aa' as MacAddress, dead: false});
  t.is(toHex(replica.run(frame).frame.subarray(0, 6)), '0200000001aa');
});

onKernel('without a lease, and when it is over, frames are dropped and counted as fenced', t => {
  const replica = start(t);
  const now = 1000 as MonotonicMs;

  replica.control.renew(true, now, 60_000, now);
  t.is(replica.run(frame).action, 'redirect');
  replica.control.renew(true, now, 60_000, (now + 60_000) as MonotonicMs);
  t.is(replica.run(frame).action, 'drop');
  replica.control.renew(false, now, 60_000, now);
  t.is(replica.run(frame).action, 'drop');
  t.is(counted(replica, reason.fenced), 2);
  replica.control.forwardForEver();
  t.is(replica.run(frame).action, 'redirect');
});

onKernel('a lease does not keep frames from others that are not ours to drop', t => {
  const replica = start(t);
  replica.control.renew(false, 0 as MonotonicMs, 0, 0 as MonotonicMs);

  t.is(replica.run(frameNamed('ARP')).action, 'pass');
});

onKernel('while net B is away frames are dropped and counted', t => {
  const replica = start(t);

  replica.setNetB(undefined);
  t.is(replica.run(frame).action, 'drop');
  t.is(counted(replica, reason.netBDown), 1);
  replica.setNetB(1);
  t.is(replica.run(frame).action, 'redirect');
});

onKernel('on one arm frames leave by the interface they came in on', t => {
  const {replica} = startTwins(true);
  t.teardown(() => replica.close());

  t.is(replica.run(frame).action, 'tx');
});

const serviceBytes = (family: 4 | 6, index: number): Uint8Array =>
  family === 4
    ? Uint8Array.of(10, index >> 8, index, 200)
    : Uint8Array.of(0xfd, 0, 0, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, index >> 8, index);

/** The most there may be, each at an address of its own. */
const manyServices = (family: 4 | 6): ImageContent => ({
  ...everyBin(1),
  services: Array.from({length: 1024}, (_, index) => ({
    address: ipFromBytes(serviceBytes(family, index)),
    protocol: 6,
    port: 80,
    group: 0 as never,
    affinity: 'flow' as const,
  })),
});

for (const {family, name, source, destination} of [
  {family: 4, name: 'TCP over IPv4', source: 26, destination: 30},
  {family: 6, name: 'TCP over IPv6', source: 22, destination: 38},
] as const) {
  onKernel(`1,024 services at 1,024 addresses are all found, IPv${family}`, t => {
    const replica = start(t);
    replica.install(manyServices(family));
    const sent = frameNamed(name);

    for (let index = 0; index < 1024; index++) {
      sent.set(serviceBytes(family, index), destination);

      t.is(replica.explain(sent).service, index);
    }
  });

  onKernel(`none of 1,024 service addresses passes for a client's, IPv${family}`, t => {
    const replica = start(t);
    replica.install(manyServices(family));
    const sent = frameNamed(name);
    sent.set(serviceBytes(family, 7), destination);

    for (let index = 0; index < 1024; index++) {
      sent.set(serviceBytes(family, index), source);

      t.is(replica.explain(sent).reason, reason.sourceAddress);
      t.is(replica.run(sent).action, 'drop');
    }
  });
}

onKernel('a fresh program hands everything up the stack', t => {
  const {replica} = startTwins();
  t.teardown(() => replica.close());
  replica.install({...content, services: [], groups: [], servers: []});

  t.is(replica.run(frame).action, 'pass');
});
