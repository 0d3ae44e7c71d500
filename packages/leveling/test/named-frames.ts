import {
  broadcastMac,
  buildArpFrame,
  type ExtensionHeader,
  fragmentIpv4,
  fragmentIpv6,
  gratuitousRequest,
  ipProtocols,
  joinBytes,
  tcpFlags,
} from '@tacoplex/frames';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';
import type {ReasonName} from '../src/index.ts';
import {icmpError, icmpOf, packet, ping, pingAnswer, tcp, tcpAnswer, udp, withBytes} from './packets.ts';
import {at, client, client6, router, router6, routerMac, toUs} from './samples.ts';

/** A frame and the way out it takes; its name completes "a frame of …". */
export type NamedFrame = {readonly name: string; readonly frame: Uint8Array; readonly reason: ReasonName};

const named = (reason: ReasonName, frames: Readonly<Record<string, Uint8Array>>): NamedFrame[] =>
  Object.entries(frames).map(([name, frame]) => ({name, frame, reason}));

const ip4 = (source: IpAddress, destination: IpAddress) => ({source, destination});
const ends = ip4(client, at.flow);
const header = (
  kind: 'hopByHop' | 'routing' | 'destinationOptions' | 'authentication',
  words = 1,
): ExtensionHeader => ({
  kind,
  words,
});
const big = new Uint8Array(1200).fill(0x55);
const pieces4 = (to: IpAddress, protocol: number, payload: Uint8Array) =>
  fragmentIpv4({...ip4(client, to), protocol, payload, identification: 0x1234}, 800);
const pieces6 = (to: IpAddress, protocol: number, payload: Uint8Array) =>
  fragmentIpv6({...ip4(client6, to), protocol, payload}, 800, 0x1234_5678);
const payloadOf4 = (bytes: Uint8Array) => bytes.slice(20);
const payloadOf6 = (bytes: Uint8Array) => bytes.slice(40);
const udp4 = (to: IpAddress, port: number) => pieces4(to, ipProtocols.udp, payloadOf4(udp(to, port, {}, big)));
const udp6 = (to: IpAddress, port: number) => pieces6(to, ipProtocols.udp, payloadOf6(udp(to, port, {}, big)));
const ping4 = (to: IpAddress) => pieces4(to, ipProtocols.icmp, joinBytes(payloadOf4(ping(to)), big));
const piece = (pieces: readonly Uint8Array[], index: number) => toUs(pieces[index] ?? new Uint8Array());
const everyHeader: readonly ExtensionHeader[] = [
  header('hopByHop'),
  header('destinationOptions', 3),
  header('routing', 2),
  header('authentication', 3),
  {kind: 'fragment', identification: 9, offset: 0, moreFragments: false},
  header('destinationOptions'),
];
const eightHeaders = Array.from({length: 8}, () => header('destinationOptions'));

const forwarded = named('forwarded', {
  'TCP over IPv4': toUs(tcp(at.flow, 80)),
  'TCP over IPv4 from another port': toUs(tcp(at.flow, 80, {}, {sourcePort: 40_001})),
  'TCP over IPv4 to a second service of the client group': toUs(tcp(at.client, 443)),
  'TCP over IPv4 to a first service of the client group': toUs(tcp(at.client, 80)),
  'TCP with every flag': toUs(tcp(at.flow, 80, {}, {flags: 0x3f})),
  'TCP with no flag': toUs(tcp(at.flow, 80, {}, {flags: 0})),
  'TCP with SYN and FIN': toUs(tcp(at.flow, 80, {}, {flags: tcpFlags.syn | tcpFlags.fin})),
  'TCP with 40 bytes of options and data': toUs(
    tcp(at.flow, 80, {}, {options: new Uint8Array(40).fill(1), payload: new Uint8Array(10)}),
  ),
  'TCP with TTL 1': toUs(tcp(at.flow, 80, {ttl: 1})),
  'TCP with TTL 0': toUs(tcp(at.flow, 80, {ttl: 0})),
  'TCP behind one word of IPv4 options': toUs(tcp(at.flow, 80, {options: Uint8Array.of(1, 1, 1, 0)})),
  'TCP behind ten words of IPv4 options': toUs(tcp(at.flow, 80, {options: new Uint8Array(40).fill(1)})),
  'TCP with a VLAN tag': toUs(tcp(at.flow, 80), {tags: [{id: 7, priority: 3}]}),
  'TCP with a priority tag': toUs(tcp(at.flow, 80), {tags: [{id: 0, priority: 5}]}),
  'TCP with 200 bytes of padding': joinBytes(toUs(tcp(at.flow, 80)), new Uint8Array(200).fill(0xaa)),
  'UDP over IPv4': toUs(udp(at.flow, 53)),
  'UDP without checksum': toUs(withBytes(udp(at.flow, 53), {26: 0, 27: 0})),
  'UDP whose length lies': toUs(withBytes(udp(at.flow, 53), {24: 0xff, 25: 0xff})),
  'SCTP over IPv4': toUs(packet(ends, 132, Uint8Array.of(0x9c, 0x40, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0))),
  'UDP to any port of a service by port': toUs(udp(at.port, 9999)),
  'UDP to a service by identification': toUs(udp(at.ipid, 1645, {identification: 0xbeef})),
  'GRE to a service of every protocol': toUs(packet(ip4(client, at.every), 47, new Uint8Array(30))),
  'protocol 255 with nothing in it': toUs(packet(ip4(client, at.every), 255, new Uint8Array())),
  'an IPv4 packet of ESP': toUs(packet(ip4(client, at.every), 50, new Uint8Array(40))),
  'TCP to the exact one of layered services': toUs(tcp(at.layered, 80)),
  'TCP to the second one of layered services': toUs(tcp(at.layered, 81)),
  'UDP to the last one of layered services': toUs(udp(at.layered, 80)),
  'an IPv4 ping': toUs(ping(at.flow)),
  'an IPv4 ping of a service of every protocol': toUs(ping(at.every)),
  'a dead base with a live fallback': toUs(tcp(at.fallback, 80)),
  'the first fragment over IPv4': piece(udp4(at.flow, 53), 0),
  'the first fragment of 8 bytes': toUs(
    fragmentIpv4({...ends, protocol: 6, payload: payloadOf4(tcp(at.flow, 80))}, 8)[0] ?? new Uint8Array(),
  ),
  'a later fragment to a service by client': piece(
    pieces4(at.client, 6, payloadOf4(tcp(at.client, 80, {}, {payload: big}))),
    1,
  ),
  'the first fragment to a service by identification': piece(udp4(at.ipid, 1645), 0),
  'a later fragment to a service by identification': piece(udp4(at.ipid, 1645), 1),
  'a later fragment of UDP to every protocol by identification': piece(pieces4(at.everyIpid, 17, big), 1),
  'TCP to every protocol by identification': toUs(tcp(at.everyIpid, 80)),
  'the first fragment of a long ping': piece(ping4(at.flow), 0),
  'a later fragment of a long ping': piece(ping4(at.flow), 1),
  'TCP over IPv6': toUs(tcp(at.flow6, 80)),
  'UDP over IPv6': toUs(udp(at.flow6, 53)),
  'an IPv6 ping': toUs(ping(at.flow6)),
  'TCP over IPv6 with a VLAN tag': toUs(tcp(at.flow6, 80), {tags: [{id: 4094}]}),
  'TCP behind one of each IPv6 extension header': toUs(tcp(at.flow6, 80, {extensionHeaders: everyHeader})),
  'TCP behind eight IPv6 extension headers': toUs(tcp(at.flow6, 80, {extensionHeaders: eightHeaders})),
  'an IPv6 packet with no next header': toUs(packet(ip4(client6, at.client6), 59, new Uint8Array())),
  'the first fragment over IPv6': piece(udp6(at.flow6, 53), 0),
  'a later fragment over IPv6 to a service by client': piece(udp6(at.client6, 53), 1),
});

const errors = named('forwarded', {
  ...Object.fromEntries(
    [3, 11, 12].map(type => [
      `ICMP error ${type} about TCP`,
      toUs(icmpError(router, at.flow, type, tcpAnswer(at.flow, 80).slice(0, 28))),
    ]),
  ),
  ...Object.fromEntries(
    [1, 2, 3, 4].map(type => [
      `ICMPv6 error ${type} about TCP`,
      toUs(icmpError(router6, at.flow6, type, tcpAnswer(at.flow6, 80))),
    ]),
  ),
  'an ICMP error about TCP behind options': toUs(
    icmpError(router, at.flow, 3, tcpAnswer(at.flow, 80, {options: new Uint8Array(8).fill(1)})),
  ),
  'an ICMPv6 error about TCP behind extension headers': toUs(
    icmpError(router6, at.flow6, 2, tcpAnswer(at.flow6, 80, {extensionHeaders: [header('destinationOptions', 2)]})),
  ),
  'an ICMP error about an answered ping': toUs(icmpError(router, at.flow, 11, pingAnswer(at.flow))),
  'an ICMPv6 error about an answered ping': toUs(icmpError(router6, at.flow6, 3, pingAnswer(at.flow6))),
  'an ICMP error about a later fragment of a service by client': toUs(
    icmpError(router, at.client, 3, tcpAnswer(at.client, 80, {fragmentOffset: 100}).slice(0, 28)),
  ),
  'an ICMP error about GRE': toUs(icmpError(router, at.every, 3, packet(ip4(at.every, client), 47, new Uint8Array(8)))),
});

const passed = [
  ...named('truncated', {
    nothing: new Uint8Array(),
    'one byte': toUs(tcp(at.flow, 80)).slice(0, 1),
    '13 bytes': toUs(tcp(at.flow, 80)).slice(0, 13),
    'an IPv4 header cut at 19 bytes': toUs(tcp(at.flow, 80)).slice(0, 14 + 19),
    'an IPv6 header cut at 39 bytes': toUs(tcp(at.flow6, 80)).slice(0, 14 + 39),
    'a VLAN tag cut in the middle': toUs(tcp(at.flow, 80), {tags: [{id: 7}]}).slice(0, 16),
  }),
  ...named('not-ours', {
    "another machine's MAC address": toUs(tcp(at.flow, 80), {destination: '02:00:00:00:00:02' as MacAddress}),
  }),
  ...named('not-ip', {
    ARP: buildArpFrame({...gratuitousRequest(routerMac, router), destination: '02:00:00:00:00:01' as MacAddress}),
    'an 802.3 length': toUs(tcp(at.flow, 80), {type: 46}),
    'LLC and SNAP': toUs(joinBytes(Uint8Array.of(0xaa, 0xaa, 3, 0, 0, 0, 8, 0), tcp(at.flow, 80)), {type: 48}),
    'an unknown Ethernet type': toUs(tcp(at.flow, 80), {type: 0x88cc}),
  }),
  ...named('vlan-stacked', {
    'two VLAN tags': toUs(tcp(at.flow, 80), {tags: [{id: 7}, {id: 8}]}),
    'three VLAN tags': toUs(tcp(at.flow, 80), {tags: [{id: 7}, {id: 8}, {id: 9}]}),
    "a provider's tag": toUs(tcp(at.flow, 80), {tags: [{id: 7, type: 0x88a8}, {id: 8}]}),
  }),
  ...named('no-service', {
    'TCP to an address of no service': toUs(tcp(at.nobody, 80)),
    'TCP over IPv6 to an address of no service': toUs(tcp(at.nobody6, 80)),
    'TCP to a port of no service': toUs(tcp(at.flow, 81)),
    'UDP to a port that is a service for TCP only': toUs(udp(at.flow, 80)),
    'GRE to an address without a service for it': toUs(packet(ends, 47, new Uint8Array(30))),
    'broadcast to an address of no service': toUs(tcp(at.nobody, 80), {destination: broadcastMac}),
    'a lying IPv4 header to an address of no service': toUs(withBytes(tcp(at.nobody, 80), {0: 0x41})),
    'an impossible source to an address of no service': toUs(
      udp(at.nobody, 67, {}, big, ip4('0.0.0.0' as IpAddress, at.nobody)),
    ),
  }),
  ...named('no-service', {
    'a later fragment of TCP to an address with a service of UDP alone': piece(pieces4(at.ipid, 6, big), 1),
  }),
  ...named('fragment-later', {
    'a later fragment over IPv4': piece(udp4(at.flow, 53), 1),
    'a later fragment over IPv6': piece(udp6(at.flow6, 53), 1),
    'a later fragment to a service by port': piece(udp4(at.port, 9), 1),
    'a later fragment to services that differ': piece(pieces4(at.layered, 6, big), 1),
    'a later fragment of TCP to every protocol by identification': piece(pieces4(at.everyIpid, 6, big), 1),
    'a later IPv6 fragment that begins with an extension header': piece(pieces6(at.client6, 60, big), 1),
  }),
  ...named('icmp-other', {
    'an echo reply': toUs(packet(ends, 1, new Uint8Array(8))),
    'an ICMP redirect': toUs(icmpError(router, at.flow, 5, tcpAnswer(at.flow, 80))),
    'a neighbour solicitation': toUs(icmpError(router6, at.flow6, 135, new Uint8Array(16))),
  }),
  ...named('icmp-quote-truncated', {
    'an ICMP error that quotes nothing': toUs(icmpError(router, at.flow, 3, new Uint8Array())),
    'an ICMP error that quotes 19 bytes': toUs(icmpError(router, at.flow, 3, tcpAnswer(at.flow, 80).slice(0, 19))),
    'an ICMP error that quotes half the ports': toUs(
      icmpError(router, at.flow, 3, tcpAnswer(at.flow, 80).slice(0, 23)),
    ),
    'an ICMPv6 error that quotes 39 bytes': toUs(icmpError(router6, at.flow6, 2, tcpAnswer(at.flow6, 80).slice(0, 39))),
  }),
  ...named('icmp-quote-foreign', {
    "an ICMP error about a stranger's packet": toUs(icmpError(router, at.flow, 3, tcp(at.nobody, 80))),
    "an ICMPv6 error about a stranger's packet": toUs(icmpError(router6, at.flow6, 2, tcp(at.nobody6, 80))),
  }),
  ...named('icmp-quote-unusable', {
    'an ICMP error about an ICMP error': toUs(
      icmpError(router, at.flow, 3, icmpErrorOf(at.flow, client, 3, tcp(at.flow, 80))),
    ),
    'an ICMP error about a later fragment': toUs(
      icmpError(router, at.flow, 3, tcpAnswer(at.flow, 80, {fragmentOffset: 100})),
    ),
    'an ICMP error about a packet with a lying header': toUs(
      icmpError(router, at.flow, 3, withBytes(tcpAnswer(at.flow, 80), {0: 0x44})),
    ),
    'an ICMPv6 error about a packet of version 4': toUs(
      icmpError(router6, at.flow6, 2, withBytes(tcpAnswer(at.flow6, 80), {0: 0x40})),
    ),
  }),
  ...named('no-service', {
    'an ICMP error about a packet from a port of no service': toUs(
      icmpError(router, at.flow, 3, tcpAnswer(at.flow, 81)),
    ),
  }),
  ...named('ipv6-many-headers', {
    'nine IPv6 extension headers': toUs(tcp(at.flow6, 80, {extensionHeaders: [...eightHeaders, header('routing')]})),
  }),
  ...named('ipv6-jumbogram', {
    'an IPv6 jumbogram': toUs(withBytes(tcp(at.flow6, 80, {extensionHeaders: [header('hopByHop')]}), {4: 0, 5: 0})),
  }),
];

/** An ICMP error that a server itself sent. */
function icmpErrorOf(from: IpAddress, to: IpAddress, type: number, quote: Uint8Array): Uint8Array {
  return packet(ip4(from, to), icmpOf(from), joinBytes(Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0), quote));
}

const from = (source: string) => toUs(tcp(at.flow, 80, {}, {}, ip4(source as IpAddress, at.flow)));
const from6 = (source: string) => toUs(tcp(at.flow6, 80, {}, {}, ip4(source as IpAddress, at.flow6)));

const dropped = [
  ...named('group-mac', {
    'a service in a broadcast': toUs(tcp(at.flow, 80), {destination: broadcastMac}),
    'a service in a multicast': toUs(tcp(at.flow6, 80), {destination: '33:33:00:00:00:01' as MacAddress}),
  }),
  ...named('ip-version', {
    'Ethernet type IPv4 and version 6': toUs(withBytes(tcp(at.flow, 80), {0: 0x65}), {type: 0x0800}),
    'Ethernet type IPv6 and version 4': toUs(withBytes(tcp(at.flow6, 80), {0: 0x40}), {type: 0x86dd}),
  }),
  ...named('ipv4-header-length', {
    'an IPv4 header of 16 bytes': toUs(withBytes(tcp(at.flow, 80), {0: 0x44})),
    'an IPv4 header beyond the frame': toUs(withBytes(tcp(at.flow, 80), {0: 0x4f})),
    'an IPv4 header beyond the total length': toUs(withBytes(tcp(at.flow, 80), {3: 19})),
  }),
  ...named('ip-length', {
    'an IPv4 total length beyond the frame': toUs(withBytes(tcp(at.flow, 80), {2: 0x01})),
    'an IPv6 payload length beyond the frame': toUs(withBytes(tcp(at.flow6, 80), {4: 0x01})),
  }),
  ...named('ipv6-header-length', {
    'an IPv6 extension header beyond the packet': toUs(
      withBytes(tcp(at.flow6, 80, {extensionHeaders: [header('hopByHop')]}), {41: 200}),
    ),
    'a packet that ends within an extension header': toUs(packet(ip4(client6, at.flow6), 60, new Uint8Array(7))),
  }),
  ...named('source-address', {
    "a service's address as source": from(at.client),
    'its own destination as source': from(at.flow),
    'source 0.0.0.0': from('0.0.0.0'),
    'source 255.255.255.255': from('255.255.255.255'),
    'a multicast source': from('224.0.0.1'),
    'a loopback source': from('127.0.0.1'),
    'an unspecified IPv6 source': from6('::'),
    'a loopback IPv6 source': from6('::1'),
    'a multicast IPv6 source': from6('ff02::1'),
    "a service's address as IPv6 source": from6(at.client6),
  }),
  ...named('transport-truncated', {
    'TCP of 19 bytes': toUs(packet(ends, 6, payloadOf4(tcp(at.flow, 80)).slice(0, 19))),
    'UDP of 7 bytes': toUs(packet(ends, 17, new Uint8Array(7))),
    'SCTP of 11 bytes': toUs(packet(ends, 132, new Uint8Array(11))),
    'a ping of 7 bytes': toUs(packet(ends, 1, Uint8Array.of(8, 0, 0, 0, 0, 0, 0))),
    'no TCP at all': toUs(packet(ip4(client6, at.flow6), 6, new Uint8Array())),
    'a first fragment that ends within the ports': toUs(packet(ends, 6, new Uint8Array(3), {moreFragments: true})),
  }),
  ...named('tcp-offset', {
    'a TCP header of 16 bytes': toUs(withBytes(tcp(at.flow, 80), {32: 0x40})),
    'a TCP header beyond the packet': toUs(withBytes(tcp(at.flow, 80), {32: 0xf0})),
  }),
  ...named('no-server', {
    'dead base and fallback': toUs(tcp(at.dead, 80)),
    'a group without servers': toUs(tcp(at.empty, 80)),
  }),
  ...named('no-mac', {'a server of unknown MAC address': toUs(tcp(at.unknown, 80))}),
];

export const namedFrames: readonly NamedFrame[] = [...forwarded, ...errors, ...passed, ...dropped];
export const frameNamed = (name: string): Uint8Array =>
  namedFrames.find(({name: other}) => other === name)?.frame ?? fail(name);

function fail(name: string): never {
  throw new RangeError(`no frame has the name ${name}`);
}
