import {buildEthernet, etherTypes, padded} from '@tacoplex/frames';
import {
  binCount,
  type GroupNumber,
  type IpAddress,
  type MacAddress,
  type ServerNumber,
  toHex,
} from '@tacoplex/vocabulary';
import {
  type Affinity,
  createDecision,
  type Decision,
  decide,
  type ForwardingImage,
  type ImageContent,
  imageBytes,
  keyBytes,
  openImage,
  reasons,
  type ServiceEntry,
  type Verdict,
  writeImage,
} from '../src/index.ts';

export const ourMac = '02:00:00:00:00:01' as MacAddress;
export const routerMac = '02:00:00:00:00:99' as MacAddress;
export const client = '192.0.2.7' as IpAddress;
export const client6 = '2001:db8::7' as IpAddress;
export const router = '10.0.0.1' as IpAddress;
export const router6 = 'fd00:a::1' as IpAddress;

/** Service addresses, by what the services there are like. */
export const at = {
  flow: '10.0.1.200' as IpAddress, // Tcp 80, udp 53, sctp 9
  client: '10.0.1.201' as IpAddress, // Tcp 80 and 443
  port: '10.0.1.202' as IpAddress, // Udp, every port
  ipid: '10.0.1.203' as IpAddress, // Udp 1645
  every: '10.0.1.204' as IpAddress, // Every protocol and port
  everyIpid: '10.0.1.206' as IpAddress, // Every protocol and port, by identification
  layered: '10.0.1.205' as IpAddress, // Tcp 80 in group 0, tcp in group 1, everything in group 3
  dead: '10.0.1.210' as IpAddress, // Base and fallback dead
  fallback: '10.0.1.211' as IpAddress, // Base dead
  unknown: '10.0.1.212' as IpAddress, // MAC address not known
  empty: '10.0.1.213' as IpAddress, // Group without table
  flow6: 'fd00:b::200' as IpAddress, // Tcp 80, udp 53
  client6: 'fd00:b::201' as IpAddress, // Everything
  nobody: '10.0.1.250' as IpAddress,
  nobody6: 'fd00:b::250' as IpAddress,
};

const service = (
  address: IpAddress,
  protocol: number,
  port: number,
  group: number,
  affinity: Affinity,
): ServiceEntry => ({address, protocol, port, group: group as GroupNumber, affinity});

export const services: readonly ServiceEntry[] = [
  service(at.flow, 6, 80, 0, 'flow'),
  service(at.flow, 17, 53, 0, 'flow'),
  service(at.flow, 132, 9, 0, 'flow'),
  service(at.client, 6, 80, 1, 'client'),
  service(at.client, 6, 443, 1, 'client'),
  service(at.port, 17, 0, 0, 'port'),
  service(at.ipid, 17, 1645, 0, 'ipid'),
  service(at.every, 0, 0, 1, 'flow'),
  service(at.layered, 6, 80, 0, 'flow'),
  service(at.layered, 6, 0, 1, 'client'),
  service(at.layered, 0, 0, 3, 'port'),
  service(at.dead, 6, 80, 2, 'client'),
  service(at.fallback, 6, 80, 3, 'client'),
  service(at.unknown, 6, 80, 4, 'client'),
  service(at.empty, 6, 80, 5, 'client'),
  service(at.flow6, 6, 80, 0, 'flow'),
  service(at.flow6, 17, 53, 0, 'flow'),
  service(at.client6, 0, 0, 1, 'client'),
  service(at.everyIpid, 0, 0, 0, 'ipid'),
];

/** A table by rule: bin b has server `first + (b + shift) mod count`. */
export type Rule = {readonly first: number; readonly count: number; readonly shift: number};

export const tableRules: readonly {readonly number: number; readonly base: Rule; readonly fallback: Rule}[] = [
  {number: 0, base: {first: 1, count: 4, shift: 0}, fallback: {first: 1, count: 4, shift: 1}},
  {number: 1, base: {first: 5, count: 3, shift: 0}, fallback: {first: 5, count: 3, shift: 1}},
  {number: 2, base: {first: 8, count: 1, shift: 0}, fallback: {first: 9, count: 1, shift: 0}},
  {number: 3, base: {first: 8, count: 1, shift: 0}, fallback: {first: 1, count: 4, shift: 0}},
  {number: 4, base: {first: 10, count: 1, shift: 0}, fallback: {first: 1, count: 4, shift: 0}},
];

const table = ({first, count, shift}: Rule) =>
  Uint16Array.from({length: binCount}, (_, bin) => first + ((bin + shift) % count));

/** Servers 1 to 7 live, 8 and 9 are dead, 10 lives but its MAC address is not known. */
export const content: ImageContent = {
  hashKey: Uint8Array.from({length: 16}, (_, index) => index),
  ourMac,
  services,
  groups: tableRules.map(({number, base, fallback}) => ({
    number: number as GroupNumber,
    base: table(base),
    fallback: table(fallback),
  })),
  servers: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(number => ({
    number: number as ServerNumber,
    ...(number !== 10 && {mac: `02:00:00:00:01:${number.toString(16).padStart(2, '0')}` as MacAddress}),
    dead: number === 8 || number === 9,
  })),
  version: {term: 3, index: 14},
};

export function imageOf(what: ImageContent): ForwardingImage {
  const buffer = new SharedArrayBuffer(imageBytes);
  writeImage(buffer, what);
  return openImage(buffer);
}

export const image = imageOf(content);

export type Outcome = {
  readonly verdict: Verdict;
  readonly reason: string | undefined;
  readonly service: number;
  readonly group: number;
  readonly bin: number;
  readonly hash: string; // 16 digits, most significant first; empty: none
  readonly server: number;
};

export function outcomeOf(decision: Decision): Outcome {
  const {verdict, reason, service: index, group, bin, hashLow, hashHigh, server} = decision;
  const hash = [hashHigh, hashLow].map(half => (half >>> 0).toString(16).padStart(8, '0')).join('');
  return {verdict, reason: reasons[reason], service: index, group, bin, hash: bin === -1 ? '' : hash, server};
}

export function decisionOn(frame: Uint8Array, length = frame.length, where = image): Decision {
  const decision = createDecision();
  decide(where, frame, length, decision);
  return decision;
}

export const outcome = (frame: Uint8Array, length = frame.length): Outcome => outcomeOf(decisionOn(frame, length));

/** The bytes that were hashed, without the word that ends the message. */
export function keyOf(frame: Uint8Array): string {
  const {key, packet} = decisionOn(frame);
  return toHex(new Uint8Array(key.buffer, 0, packet.version === 4 ? keyBytes.ipv4 : keyBytes.ipv6));
}

/** An IP packet on its way from the router to us, as the wire pads it. */
export function toUs(packet: Uint8Array, changes: Partial<Parameters<typeof buildEthernet>[0]> = {}): Uint8Array {
  const type = (packet[0] ?? 0) >> 4 === 4 ? etherTypes.ipv4 : etherTypes.ipv6;
  return padded(buildEthernet({destination: ourMac, source: routerMac, type, payload: packet, ...changes}));
}
