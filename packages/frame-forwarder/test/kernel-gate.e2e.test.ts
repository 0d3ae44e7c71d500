import {execFileSync} from 'node:child_process';
import type {ClusterState, Operation} from '@tacoplex/cluster';
import {createDecision, decide, imageBytes, openImage, writeImage} from '@tacoplex/leveling';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {toImageContent} from '../src/image-content.ts';
import {clientMac, ForwarderStage, levelerMacA} from './forwarder-stage.ts';
import {udpFrame} from './frames.ts';
import {serviceAddress, stateOf} from './stage-states.ts';

const onNamespaces = process.getuid?.() === 0 ? test : test.skip; // Making namespaces needs root

const service = (address: string, protocol: number, port: number, affinity: 'flow' | 'client'): Operation => ({
  kind: 'addService',
  address: address as IpAddress,
  protocol,
  port,
  group: '',
  affinity,
});

const state = stateOf([
  {kind: 'addServer', name: 'server0', address: '10.0.1.101' as IpAddress, group: '', weight: 1},
  service(serviceAddress, 17, 5000, 'flow'),
  service('10.0.1.201', 17, 53, 'client'),
  service('10.0.1.202', 17, 0, 'flow'),
  service('10.0.1.203', 0, 0, 'client'),
  service('10.0.1.204', 6, 80, 'flow'),
]);

type Probe = {readonly what: string; readonly frame: Uint8Array};

/** An IPv4 frame with this identification, changed in some bytes. The header checksum is not looked at by the gate. */
const probe = (what: string, destination: string, port: number, bytes: readonly (readonly [number, number])[] = []) => {
  const frame = udpFrame({
    destinationMac: levelerMacA,
    sourceMac: clientMac,
    source: '10.0.0.1',
    destination,
    sourcePort: 4000,
    destinationPort: port,
  });
  for (const [offset, value] of bytes) {
    frame[offset] = value;
  }

  return {what, frame};
};

const [protocol, fragmentHigh, fragmentLow, icmpType] = [23, 20, 21, 34];
const later = [
  [fragmentHigh, 0],
  [fragmentLow, 100],
] as const;
const icmp = (type: number) =>
  [
    [protocol, 1],
    [icmpType, type],
  ] as const;

const probes: readonly Probe[] = [
  probe('a served port', serviceAddress, 5000),
  probe('a port nobody serves', serviceAddress, 5001),
  probe('a served port of another protocol', serviceAddress, 5000, [[protocol, 132]]),
  probe('an address nobody serves', '10.0.1.250', 5000),
  probe('a first fragment', serviceAddress, 5000, [[fragmentHigh, 0x20]]),
  probe('a later fragment that would need ports', serviceAddress, 5000, later),
  probe('a later fragment that needs none', '10.0.1.201', 53, later),
  probe('a ping', serviceAddress, 0, icmp(8)),
  probe('a later fragment of a ping', serviceAddress, 0, [...icmp(8), ...later]),
  probe('an answer to a ping', serviceAddress, 0, icmp(0)),
  probe('any port of a served protocol', '10.0.1.202', 9),
  probe('a later fragment to any port', '10.0.1.202', 9, later),
  probe('any protocol', '10.0.1.203', 9, [[protocol, 47]]),
  probe('a later fragment of any protocol', '10.0.1.203', 9, [[protocol, 47], ...later]),
  probe('an answer to a ping of any protocol', '10.0.1.203', 9, icmp(0)),
  probe('UDP to a TCP service', '10.0.1.204', 80),
].map(({what, frame}, index) => {
  frame[19] = index + 1; // Identification: the kernel's counters tell the probes apart by it
  return {what, frame};
});

/** What the forwarding function leaves to the kernel. */
function isLeft(content: ClusterState, frame: Uint8Array): boolean {
  const buffer = new ArrayBuffer(imageBytes);
  writeImage(
    buffer,
    toImageContent(content, levelerMacA as MacAddress, () => '02:00:00:00:0b:65' as MacAddress),
  );
  const decision = createDecision();
  decide(openImage(buffer), frame, frame.length, decision);
  return decision.verdict === 'pass';
}

onNamespaces('the kernel gets what the forwarding function passes, and nothing else', async t => {
  const stage = new ForwarderStage(`tpg${process.pid % 100_000}`);
  t.teardown(async () => stage.destroy());
  stage.build();
  await stage.openBuses();
  stage.allow(true);
  stage.sayState(state);
  const counters = probes.map((_, index) => `ip id ${index + 1} counter`).join('\n');
  const ruleset = `table netdev probe {
  chain seen {
    type filter hook ingress device "eth0" priority 100; policy accept;
    ${counters}
  }
}
`;
  execFileSync('nsenter', [`--net=/run/netns/${stage.namespaceOf('leveler')}`, '/usr/sbin/nft', '-f', '-'], {
    input: ruleset,
  });
  stage.startForwarder();
  await stage.untilForwarding();

  await stage.send(probes.map(({frame}) => frame));
  await stage.until('the forwarded ones are counted', () => (stage.status?.servers[0]?.packets ?? 0) > 5);

  const listed = stage.run('leveler', '/usr/sbin/nft', 'list', 'chain', 'netdev', 'probe', 'seen');
  const seen = [...listed.matchAll(/ip id (\d+) counter packets (\d+)/g)].map(([, , packets]) => Number(packets));
  t.deepEqual(
    probes.map(({what}, index) => `${what}: ${seen[index] === 1 ? 'kernel' : 'taken'}`),
    probes.map(({what, frame}) => `${what}: ${isLeft(state, frame) ? 'kernel' : 'taken'}`),
  );
});
