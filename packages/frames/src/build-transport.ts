import {type Addresses, transportChecksum} from './checksum.ts';
import {joinBytes} from './join-bytes.ts';

/** Numbers of the protocols built here. @see Protocol Numbers, IANA */
export const ipProtocols = {icmp: 1, tcp: 6, udp: 17, icmp6: 58, sctp: 132} as const;

export type Ports = {readonly sourcePort: number; readonly destinationPort: number};

export const tcpFlags = {fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32} as const;

export type TcpSegment = Ports & {
  readonly flags?: number; // Sum of `tcpFlags`, default syn
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly options?: Uint8Array; // At most 40 bytes; zeros (end of list) fill the last word
  readonly payload?: Uint8Array;
};

/** @param addresses of the packet that will carry it: the checksum covers them @see RFC 9293, 3.1 */
export function buildTcp(addresses: Addresses, segment: TcpSegment): Uint8Array {
  const {options = new Uint8Array(), payload = new Uint8Array()} = segment;
  const headerBytes = 20 + 4 * Math.ceil(options.length / 4);
  const bytes = joinBytes(new Uint8Array(headerBytes), payload);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, segment.sourcePort);
  view.setUint16(2, segment.destinationPort);
  view.setUint32(4, segment.sequence ?? 0);
  view.setUint32(8, segment.acknowledgement ?? 0);
  view.setUint8(12, (headerBytes / 4) << 4);
  view.setUint8(13, segment.flags ?? tcpFlags.syn);
  view.setUint16(14, 65_535);
  bytes.set(options, 20);
  view.setUint16(16, transportChecksum(addresses, ipProtocols.tcp, bytes));
  return bytes;
}

/** @param addresses of the packet that will carry it @see RFC 768 */
export function buildUdp(
  addresses: Addresses,
  {sourcePort, destinationPort, payload = new Uint8Array()}: Ports & {readonly payload?: Uint8Array},
): Uint8Array {
  const bytes = joinBytes(new Uint8Array(8), payload);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint16(4, bytes.length);
  const checksum = transportChecksum(addresses, ipProtocols.udp, bytes);
  view.setUint16(6, checksum === 0 ? 0xffff : checksum); // 0 would say: none
  return bytes;
}
