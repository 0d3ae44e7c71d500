import {buildEthernet, buildIpv4, buildIpv6, buildTcp, buildUdp, ipProtocols, padded} from '@tacoplex/frames';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';

/** What frames look like. */
export type Shape = {
  readonly protocol: 'udp' | 'tcp'; // TCP: requests for connections
  readonly family: 4 | 6;
  /** Without check sequence. The shortest there are where headers alone are longer. */
  readonly bytes: 60 | 1400;
};

/** Where every frame goes, by family. */
export const serviceAddresses = {4: '10.0.1.200', 6: 'fd00:b::200'} as Readonly<Record<4 | 6, IpAddress>>;
export const servicePort = 80;

/** Where every frame comes from. */
export const senderMac = '02:00:00:00:00:0c' as MacAddress;

const maximumSegment = Uint8Array.of(2, 4, 5, 0xb4); // 1,460 bytes
const headerBytes = {4: 14 + 20 + 8, 6: 14 + 40 + 8} as const;

/**
 * The frame that the generator sends for a flow.
 *
 * @param flow 0..65535: the end of the source address, and inverted the source port
 */
export function frameOf(
  {protocol, family, bytes}: Shape,
  destination: MacAddress,
  source: MacAddress,
  flow = 0,
): Uint8Array {
  const addresses = {source: clientAddress(family, flow), destination: serviceAddresses[family]};
  const ports = {sourcePort: 0xffff - flow, destinationPort: servicePort};
  const payload =
    protocol === 'udp'
      ? buildUdp(addresses, {...ports, payload: new Uint8Array(Math.max(0, bytes - headerBytes[family]))})
      : buildTcp(addresses, {...ports, options: maximumSegment});
  const packet = {...addresses, protocol: ipProtocols[protocol], payload};
  const [type, built] = family === 4 ? [0x0800, buildIpv4(packet)] : [0x86dd, buildIpv6(packet)];
  return padded(buildEthernet({destination, source, type, payload: built}));
}

/** @see RFC 2544, C.2.2 */
function clientAddress(family: 4 | 6, flow: number): IpAddress {
  const address = family === 4 ? `198.18.${flow >> 8}.${flow & 0xff}` : `fd00:c::${flow.toString(16)}`;
  return address as IpAddress;
}

/** Length without the padding of short frames, which a forwarder may leave out. */
export function unpaddedBytes(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset);
  return view.getUint16(12) === 0x0800 ? 14 + view.getUint16(16) : 14 + 40 + view.getUint16(18);
}
