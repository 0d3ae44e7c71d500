import {familyOf} from '@tacoplex/vocabulary';
import {ipProtocols} from './build-transport.ts';
import {type Addresses, internetChecksum, transportChecksum} from './checksum.ts';
import {joinBytes} from './join-bytes.ts';

export type IcmpMessage = {
  readonly type: number;
  readonly code?: number; // Default 0
  readonly rest?: number; // The second 4 bytes: identifier and sequence number, MTU, pointer …; default 0
  readonly payload?: Uint8Array; // Of an error: the packet it quotes
};

/**
 * An ICMP message for IPv4 addresses, an ICMPv6 message for IPv6 addresses.
 *
 * @see RFC 792; RFC 4443, 2
 */
export function buildIcmp(addresses: Addresses, {type, code = 0, rest = 0, payload}: IcmpMessage): Uint8Array {
  const bytes = joinBytes(new Uint8Array(8), payload ?? new Uint8Array());
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint8(1, code);
  view.setUint32(4, rest);
  view.setUint16(
    2,
    familyOf(addresses.source) === 'ipv4'
      ? internetChecksum(bytes)
      : transportChecksum(addresses, ipProtocols.icmp6, bytes),
  );
  return bytes;
}

/** @param sequence 0..65535, as is `identifier` */
export function buildPing(
  addresses: Addresses,
  {
    identifier,
    sequence,
    payload,
  }: {readonly identifier: number; readonly sequence: number; readonly payload?: Uint8Array},
): Uint8Array {
  return buildIcmp(addresses, {
    type: familyOf(addresses.source) === 'ipv4' ? 8 : 128,
    rest: ((identifier << 16) | sequence) >>> 0,
    ...(payload !== undefined && {payload}),
  });
}
