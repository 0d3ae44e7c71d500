import {
  buildEthernet,
  buildIpv4,
  buildIpv6,
  buildPing,
  buildTcp,
  buildUdp,
  etherTypes,
  ipProtocols,
  padded,
  tcpFlags,
  type VlanTag,
} from '@tacoplex/frames';
import {familyOf, type IpAddress, type MacAddress} from '@tacoplex/vocabulary';
import type {FrameBytes} from './read-capture.ts';

/** What a packet is known by. */
export type Flow = {
  /** IP protocol number; 1 and 58 are pings. */
  readonly protocol: number;
  readonly source: IpAddress;
  /** Of the same family as `source`. */
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly vlan?: number;
  /** Of an IPv4 packet. */
  readonly identification?: number;
};

const us = '00:00:00:00:00:00' as MacAddress;
const router = '02:00:00:00:00:01' as MacAddress;

/** Build the first frame of a flow, as a router would send it to the leveler: a SYN, a datagram, a ping. */
export function buildFlow(flow: Flow): FrameBytes {
  const isIpv4 = familyOf(flow.source) === 'ipv4';
  const {vlan, identification} = flow;
  const packet = {
    source: flow.source,
    destination: flow.destination,
    protocol: flow.protocol,
    payload: payloadOf(flow),
  };
  const tags: VlanTag[] = vlan === undefined ? [] : [{id: vlan}];
  const bytes = padded(
    buildEthernet({
      destination: us,
      source: router,
      tags,
      type: isIpv4 ? etherTypes.ipv4 : etherTypes.ipv6,
      payload: isIpv4
        ? buildIpv4({...packet, ...(identification !== undefined && {identification})})
        : buildIpv6(packet),
    }),
  );
  return {bytes, length: bytes.length};
}

function payloadOf(flow: Flow): Uint8Array {
  const {protocol, sourcePort, destinationPort} = flow;
  switch (protocol) {
    case ipProtocols.tcp:
      return buildTcp(flow, {sourcePort, destinationPort, flags: tcpFlags.syn});
    case ipProtocols.udp:
      return buildUdp(flow, {sourcePort, destinationPort});
    case ipProtocols.icmp:
    case ipProtocols.icmp6:
      return buildPing(flow, {identifier: 1, sequence: 1});
    case ipProtocols.sctp:
      return buildSctp(sourcePort, destinationPort);
    default:
      return new Uint8Array(8);
  }
}

/** The common header of an association's first packet, and no chunk. @see RFC 9260, 3.1 */
function buildSctp(sourcePort: number, destinationPort: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(12));
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  return new Uint8Array(view.buffer);
}
