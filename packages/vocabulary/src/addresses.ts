import ipaddr from 'ipaddr.js';
import {hexOf} from './bytes.ts';
import type {Branded} from './identifiers.ts';

/** Six bytes as text, lower case with colons: `02:00:00:00:00:01`. */
export type MacAddress = Branded<string, 'MacAddress'>;

/** An IPv4 or IPv6 address in its shortest usual text form (RFC 5952 for IPv6): equal text, equal address. */
export type IpAddress = Branded<string, 'IpAddress'>;

/** A network: its lowest address and the length of its prefix. */
export type Subnet = {readonly address: IpAddress; readonly prefixLength: number};

export type Family = 'ipv4' | 'ipv6';

/** @returns undefined if `text` is no MAC address of six two-digit bytes between colons */
export function parseMac(text: string): MacAddress | undefined {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) ? (text.toLowerCase() as MacAddress) : undefined;
}

/** @param bytes at least 6 from `offset` on */
export function macFromBytes(bytes: Uint8Array, offset = 0): MacAddress {
  let text = '';
  for (let index = offset; index < offset + 6; index++) {
    text += `${index === offset ? '' : ':'}${hexOf[bytes[index] ?? 0]}`;
  }

  return text as MacAddress;
}

/** @returns 6 bytes, as they stand in a frame */
export function macToBytes(mac: MacAddress): Uint8Array {
  const bytes = new Uint8Array(6);
  for (let index = 0; index < 6; index++) {
    bytes[index] = Number.parseInt(mac.slice(3 * index, 3 * index + 2), 16);
  }

  return bytes;
}

/** @returns undefined if `text` is no plain IPv4 or IPv6 address; zones, ports and shortened IPv4 forms are none */
export function parseIp(text: string): IpAddress | undefined {
  if (text.includes('%') || !(ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text))) {
    return undefined;
  }

  return ipaddr.parse(text).toString() as IpAddress;
}

/** @param bytes 4 or 16, as they stand in a header @throws RangeError on any other length */
export function ipFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) {
    return bytes.join('.') as IpAddress;
  }

  if (bytes.length !== 16) {
    throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`);
  }

  return ipaddr.fromByteArray(Array.from(bytes)).toString() as IpAddress;
}

/** @returns 4 or 16 bytes, as they stand in a header */
export function ipToBytes(ip: IpAddress): Uint8Array {
  return Uint8Array.from(familyOf(ip) === 'ipv4' ? ip.split('.').map(Number) : ipaddr.parse(ip).toByteArray());
}

export function familyOf(ip: IpAddress): Family {
  return ip.includes(':') ? 'ipv6' : 'ipv4';
}

/** @returns undefined unless `text` is `address/length` and the address has no bits beyond the prefix */
export function parseSubnet(text: string): Subnet | undefined {
  const [, addressText = '', lengthText = ''] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseIp(addressText);
  const prefixLength = Number(lengthText);
  if (address === undefined || lengthText === '' || prefixLength > (familyOf(address) === 'ipv4' ? 32 : 128)) {
    return undefined;
  }

  const subnet = {address, prefixLength};
  return hostBits(address, prefixLength).every(bit => bit === 0) ? subnet : undefined;
}

export function formatSubnet({address, prefixLength}: Subnet): string {
  return `${address}/${prefixLength}`;
}

/** Whether `ip` is of the subnet's family and inside it. */
export function isInside({address, prefixLength}: Subnet, ip: IpAddress): boolean {
  if (familyOf(address) !== familyOf(ip)) {
    return false;
  }

  const [lowest, bytes] = [ipToBytes(address), ipToBytes(ip)];
  const whole = prefixLength >> 3;
  for (let index = 0; index < whole; index++) {
    if (bytes[index] !== lowest[index]) {
      return false;
    }
  }

  const differing = (bytes[whole] ?? 0) ^ (lowest[whole] ?? 0);
  return differing >> (8 - (prefixLength & 7)) === 0;
}

/** The part of the address behind the prefix, as bits, highest first. */
function hostBits(ip: IpAddress, prefixLength: number): number[] {
  return bitsOf(ip).slice(prefixLength);
}

function bitsOf(ip: IpAddress): number[] {
  return Array.from(ipToBytes(ip)).flatMap(byte => Array.from({length: 8}, (_, index) => (byte >> (7 - index)) & 1));
}
