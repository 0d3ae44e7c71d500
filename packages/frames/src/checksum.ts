import {type IpAddress, ipToBytes} from '@tacoplex/vocabulary';
import {joinBytes} from './join-bytes.ts';

/**
 * The Internet checksum: the one's complement of the sum of 16-bit words, an odd last byte padded with 0.
 *
 * @returns 0..65535
 * @see RFC 1071
 */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    sum += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  }

  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >>> 16);
  }

  return ~sum & 0xffff;
}

/** Who speaks to whom: two addresses of one family. */
export type Addresses = {readonly source: IpAddress; readonly destination: IpAddress};

/**
 * The checksum of TCP, UDP and ICMPv6, which covers the addresses too.
 *
 * @param segment header and payload; its checksum field must be 0
 * @see RFC 9293, 3.1; RFC 8200, 8.1
 */
export function transportChecksum({source, destination}: Addresses, protocol: number, segment: Uint8Array): number {
  const addresses = joinBytes(ipToBytes(source), ipToBytes(destination));
  const isIpv4 = addresses.length === 8;
  const rest = new Uint8Array(isIpv4 ? 4 : 8);
  const view = new DataView(rest.buffer);
  rest[isIpv4 ? 1 : 7] = protocol;
  if (isIpv4) {
    view.setUint16(2, segment.length);
  } else {
    view.setUint32(0, segment.length);
  }

  return internetChecksum(joinBytes(addresses, rest, segment));
}
