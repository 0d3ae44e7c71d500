import {
  buildIcmp,
  buildIpv4,
  buildIpv6,
  buildPing,
  buildTcp,
  buildUdp,
  type Ipv4Packet,
  type Ipv6Packet,
  ipProtocols,
  joinBytes,
  type TcpSegment,
} from '@tacoplex/frames';
import {familyOf, type IpAddress} from '@tacoplex/vocabulary';
import {client, client6} from './samples.ts';

type Ends = {readonly source: IpAddress; readonly destination: IpAddress};
type Extra4 = Partial<Omit<Ipv4Packet, 'source' | 'destination' | 'protocol' | 'payload'>>;
type Extra6 = Partial<Omit<Ipv6Packet, 'source' | 'destination' | 'protocol' | 'payload'>>;

/** An IP packet of the family of its addresses. */
export function packet(ends: Ends, protocol: number, payload: Uint8Array, extra: Extra4 & Extra6 = {}): Uint8Array {
  return familyOf(ends.source) === 'ipv4'
    ? buildIpv4({...ends, ...extra, protocol, payload})
    : buildIpv6({...ends, ...extra, protocol, payload});
}

const toward = (destination: IpAddress): Ends => ({
  source: familyOf(destination) === 'ipv4' ? client : client6,
  destination,
});

export function tcp(
  destination: IpAddress,
  port: number,
  extra: Extra4 & Extra6 = {},
  segment: Partial<TcpSegment> = {},
  ends: Ends = toward(destination),
): Uint8Array {
  return packet(ends, ipProtocols.tcp, buildTcp(ends, {sourcePort: 40_000, destinationPort: port, ...segment}), extra);
}

export function udp(
  destination: IpAddress,
  port: number,
  extra: Extra4 & Extra6 = {},
  payload = new Uint8Array(32),
  ends: Ends = toward(destination),
): Uint8Array {
  return packet(ends, ipProtocols.udp, buildUdp(ends, {sourcePort: 40_000, destinationPort: port, payload}), extra);
}

export function ping(destination: IpAddress, extra: Extra4 & Extra6 = {}): Uint8Array {
  const ends = toward(destination);
  return packet(
    ends,
    icmpOf(destination),
    buildPing(ends, {identifier: 7, sequence: 1, payload: new Uint8Array(56)}),
    extra,
  );
}

/** What a router on the way, or the client, says about a packet that `about` (a service address) sent. */
export function icmpError(from: IpAddress, about: IpAddress, type: number, quote: Uint8Array): Uint8Array {
  const ends = {source: from, destination: about};
  return packet(ends, icmpOf(about), buildIcmp(ends, {type, rest: 1400, payload: quote}));
}

/** The same packet seen from the other end: what a server answers. */
export function answer(build: (ends: Ends) => Uint8Array, service: IpAddress): Uint8Array {
  const {source, destination} = toward(service);
  return build({source: destination, destination: source});
}

export const tcpAnswer = (service: IpAddress, port: number, extra: Extra4 & Extra6 = {}): Uint8Array =>
  answer(
    ends =>
      packet(
        ends,
        ipProtocols.tcp,
        buildTcp(ends, {sourcePort: port, destinationPort: 40_000, payload: new Uint8Array(64)}),
        extra,
      ),
    service,
  );

export const pingAnswer = (service: IpAddress): Uint8Array =>
  answer(
    ends => packet(ends, icmpOf(service), buildIcmp(ends, {type: familyOf(service) === 'ipv4' ? 0 : 129})),
    service,
  );

export const icmpOf = (address: IpAddress): number =>
  familyOf(address) === 'ipv4' ? ipProtocols.icmp : ipProtocols.icmp6;

/** Change single bytes, to tell lies. */
export function withBytes(bytes: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array {
  const changed = joinBytes(bytes);
  for (const [offset, value] of Object.entries(changes)) {
    changed[Number(offset)] = value;
  }

  return changed;
}
