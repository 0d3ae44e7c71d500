import {ipToBytes} from '@tacoplex/vocabulary';
import {type Addresses, internetChecksum} from './checksum.ts';
import {joinBytes} from './join-bytes.ts';

export type Ipv4Packet = Addresses & {
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly options?: Uint8Array; // At most 40 bytes; zeros (end of list) fill the last word
  readonly identification?: number; // 0..65535, default 0
  readonly fragmentOffset?: number; // In units of 8 bytes, default 0
  readonly moreFragments?: boolean;
  readonly dontFragment?: boolean;
  readonly ttl?: number; // Default 64
};

/** @returns header with its checksum, and payload @see RFC 791, 3.1 */
export function buildIpv4(packet: Ipv4Packet): Uint8Array {
  const {source, destination, protocol, payload, options = new Uint8Array(), ttl = 64} = packet;
  const headerBytes = 20 + 4 * Math.ceil(options.length / 4);
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x40 | (headerBytes / 4));
  view.setUint16(2, headerBytes + payload.length);
  view.setUint16(4, packet.identification ?? 0);
  view.setUint16(
    6,
    (packet.dontFragment === true ? 0x4000 : 0) |
      (packet.moreFragments === true ? 0x2000 : 0) |
      (packet.fragmentOffset ?? 0),
  );
  view.setUint8(8, ttl);
  view.setUint8(9, protocol);
  header.set(ipToBytes(source), 12);
  header.set(ipToBytes(destination), 16);
  header.set(options, 20);
  view.setUint16(10, internetChecksum(header));
  return joinBytes(header, payload);
}

/**
 * Cut a packet into fragments.
 *
 * @param payloadBytes most payload in each, a multiple of 8
 */
export function fragmentIpv4(packet: Ipv4Packet, payloadBytes: number): Uint8Array[] {
  const {payload} = packet;
  return Array.from({length: Math.ceil(payload.length / payloadBytes)}, (_, index) =>
    buildIpv4({
      ...packet,
      payload: payload.slice(index * payloadBytes, (index + 1) * payloadBytes),
      fragmentOffset: (index * payloadBytes) / 8,
      moreFragments: (index + 1) * payloadBytes < payload.length,
    }),
  );
}
