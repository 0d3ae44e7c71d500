import {familyOf, type IpAddress, type MacAddress} from '@tacoplex/vocabulary';
import {buildArpFrame, gratuitousRequest} from './arp.ts';
import {buildEthernet, padded, type VlanTag} from './build-ethernet.ts';
import {buildIcmp, buildPing} from './build-icmp.ts';
import {buildIpv4, fragmentIpv4} from './build-ipv4.ts';
import {buildIpv6, type ExtensionHeader, fragmentIpv6} from './build-ipv6.ts';
import {buildTcp, buildUdp, ipProtocols} from './build-transport.ts';
import type {Addresses} from './checksum.ts';
import {broadcastMac, etherTypes} from './ethernet.ts';
import {joinBytes} from './join-bytes.ts';

/** A number of 0..1, less than 1, as `Math.random` gives them. */
export type Random = () => number;

/** What random frames are about. */
export type RandomWorld = {
  readonly ourMac: MacAddress;
  readonly targets: readonly {readonly address: IpAddress; readonly protocol: number; readonly port: number}[];
  /** Of both families. */
  readonly clients: readonly IpAddress[];
};

type Packet = {readonly ends: Addresses; readonly protocol: number; readonly payload: Uint8Array};

const otherMac = '02:00:00:00:00:02' as MacAddress;
const routerMac = '02:00:00:00:00:99' as MacAddress;
const protocols = [ipProtocols.tcp, ipProtocols.udp, ipProtocols.sctp, 33, 136, 47, 50, 1, 58, 59, 2] as const;
const extensionKinds = ['hopByHop', 'routing', 'destinationOptions', 'authentication'] as const;

/**
 * Valid frames of every kind the forwarding function knows, most of them for one of the targets: all transports, pings,
 * ICMP errors with quotes, fragments, options, extension headers, VLAN tags, ARP. The same random numbers give the same
 * frames.
 *
 * @returns 14..2,000 bytes or so
 */
export function randomFrame(random: Random, world: RandomWorld): Uint8Array {
  if (chance(random, 0.01)) {
    return buildArpFrame({
      ...gratuitousRequest(routerMac, pick(random, world.clients.filter(isIpv4))),
      destination: world.ourMac,
    });
  }

  const target = pick(random, world.targets);
  const family = familyOf(target.address);
  const client = pick(
    random,
    world.clients.filter(ip => familyOf(ip) === family),
  );
  const ends = {source: chance(random, 0.02) ? target.address : client, destination: target.address};
  return wrap(random, world, randomPacket(random, ends, target));
}

function randomPacket(random: Random, ends: Addresses, target: RandomWorld['targets'][number]): Uint8Array {
  const kind = random();
  if (kind < 0.1) {
    const ping = buildPing(ends, {identifier: below(random, 65_536), sequence: 1, payload: zeros(below(random, 64))});
    return finish(random, {ends, protocol: icmpOf(ends), payload: ping});
  }

  if (kind < 0.3) {
    return finish(random, {ends, protocol: icmpOf(ends), payload: randomError(random, ends, target)});
  }

  return finish(random, randomDatagram(random, ends, target));
}

/** What a service gets, or, with the ends changed, what its server answers. */
function randomDatagram(
  random: Random,
  ends: Addresses,
  target: RandomWorld['targets'][number],
  isAnswer = false,
): Packet {
  const protocol = target.protocol === 0 || chance(random, 0.1) ? pick(random, protocols) : target.protocol;
  const near = target.port === 0 || chance(random, 0.1) ? below(random, 65_536) : target.port;
  const far = below(random, 65_536);
  const ports = isAnswer ? {sourcePort: near, destinationPort: far} : {sourcePort: far, destinationPort: near};
  return {ends, protocol, payload: randomPayload(random, ends, protocol, ports)};
}

function randomPayload(
  random: Random,
  ends: Addresses,
  protocol: number,
  ports: {sourcePort: number; destinationPort: number},
): Uint8Array {
  const payload = zeros(below(random, 80));
  switch (protocol) {
    case ipProtocols.tcp:
      return buildTcp(ends, {...ports, flags: below(random, 64), options: zeros(4 * below(random, 11)), payload});
    case ipProtocols.icmp:
    case ipProtocols.icmp6:
      return buildIcmp(ends, {type: below(random, 256), payload});
    default:
      return buildUdp(ends, {...ports, payload}); // Others with ports begin with the same four bytes
  }
}

/** An ICMP error about something the target is said to have sent. */
function randomError(random: Random, ends: Addresses, target: RandomWorld['targets'][number]): Uint8Array {
  const back = {source: ends.destination, destination: ends.source};
  const quoted = chance(random, 0.15)
    ? {ends: back, protocol: icmpOf(back), payload: buildIcmp(back, {type: pick(random, [0, 129, 3, 1, 8])})}
    : randomDatagram(random, back, target, true);
  const quote = finish(random, quoted);
  const type = isIpv4(ends.source) ? pick(random, [3, 11, 12, 3, 5]) : pick(random, [1, 2, 3, 4, 135]);
  return buildIcmp(ends, {
    type,
    code: below(random, 5),
    rest: 1400,
    payload: quote.slice(0, chance(random, 0.5) ? quote.length : below(random, quote.length + 1)),
  });
}

/** IP header, options or extension headers, and now and then only a fragment of it. */
function finish(random: Random, {ends, protocol, payload}: Packet): Uint8Array {
  const isFragmented = chance(random, 0.1) && payload.length > 8;
  if (isIpv4(ends.source)) {
    const packet = {
      ...ends,
      protocol,
      payload,
      identification: below(random, 65_536),
      ...(chance(random, 0.15) && {options: zeros(4 * below(random, 11)).fill(1)}),
    };
    return isFragmented ? pick(random, fragmentIpv4(packet, 8 * (1 + below(random, 4)))) : buildIpv4(packet);
  }

  const packet = {...ends, protocol, payload, extensionHeaders: chance(random, 0.3) ? randomHeaders(random) : []};
  return isFragmented
    ? pick(random, fragmentIpv6(packet, 8 * (1 + below(random, 4)), below(random, 65_536)))
    : jumboNowAndThen(random, buildIpv6(packet));
}

/** A payload length of 0 says: see the hop-by-hop options. @see RFC 2675 */
function jumboNowAndThen(random: Random, packet: Uint8Array): Uint8Array {
  if (chance(random, 0.02)) {
    packet.fill(0, 4, 6);
  }

  return packet;
}

function randomHeaders(random: Random): ExtensionHeader[] {
  return Array.from({length: below(random, 10)}, () =>
    chance(random, 0.1)
      ? {kind: 'fragment', identification: 7, offset: 0, moreFragments: chance(random, 0.5)}
      : {kind: pick(random, extensionKinds), words: 1 + below(random, 3)},
  );
}

function wrap(random: Random, {ourMac}: RandomWorld, payload: Uint8Array): Uint8Array {
  const tags: VlanTag[] = chance(random, 0.15)
    ? Array.from({length: chance(random, 0.1) ? 2 : 1}, () => ({id: below(random, 4095)}))
    : [];
  const destination = chance(random, 0.96) ? ourMac : pick(random, [otherMac, broadcastMac]);
  const type = (payload[0] ?? 0) >> 4 === 4 ? etherTypes.ipv4 : etherTypes.ipv6;
  const frame = buildEthernet({destination, source: routerMac, tags, type, payload});
  return chance(random, 0.9) ? padded(frame) : frame;
}

/** Values that change what a field means, for any field of one byte. */
const tellingBytes = [
  0, 1, 4, 5, 6, 7, 17, 43, 44, 51, 58, 60, 0x45, 0x46, 0x4f, 0x60, 0x7f, 0x80, 0xe0, 0xff,
] as const;

/** Damage a frame in a few places: bytes of headers, its length, or two frames joined. */
export function mangleFrame(random: Random, frame: Uint8Array, other: Uint8Array): Uint8Array {
  const kind = random();
  if (kind < 0.2) {
    return frame.slice(0, below(random, frame.length + 1));
  }

  if (kind < 0.25) {
    return joinBytes(frame, zeros(below(random, 200)).fill(0x45));
  }

  if (kind < 0.3) {
    const cut = below(random, Math.min(frame.length, other.length));
    return joinBytes(frame.slice(0, cut), other.slice(cut));
  }

  const changed = frame.slice();
  for (let changes = 1 + below(random, 3); changes > 0; changes--) {
    const position = below(random, chance(random, 0.8) ? Math.min(changed.length, 100) : changed.length);
    changed[position] = chance(random, 0.5) ? pick(random, tellingBytes) : below(random, 256);
  }

  return changed;
}

/**
 * Random numbers from a seed: the same seed, the same numbers.
 *
 * @param seed 32 bits
 * @see Tommy Ettinger, Mulberry32
 */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function chance(random: Random, probability: number): boolean {
  return random() < probability;
}

function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[below(random, from.length)];
  if (picked === undefined) {
    throw new RangeError('nothing to pick from');
  }

  return picked;
}

function isIpv4(ip: IpAddress | Addresses['source']): boolean {
  return familyOf(ip) === 'ipv4';
}

function icmpOf({source}: Addresses): number {
  return isIpv4(source) ? ipProtocols.icmp : ipProtocols.icmp6;
}

function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}
