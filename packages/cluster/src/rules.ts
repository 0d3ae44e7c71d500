import {type IpAddress, ipToBytes} from '@tacoplex/vocabulary';
import type {ServiceName} from './state.ts';

/** Of servers, groups and levelers: 1..63 of a-z, 0-9, dot and hyphen, a letter or digit first. */
export function isName(text: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,62}$/.test(text);
}

export function isClusterName(text: string): boolean {
  return /^[a-z0-9-]{1,32}$/.test(text);
}

/** Whether one machine can have the address on a wire: not unspecified, loopback, multicast or reserved. */
export function isHostAddress(ip: IpAddress): boolean {
  const bytes = ipToBytes(ip);
  if (bytes.length === 4) {
    return bytes[0] !== 0 && bytes[0] !== 127 && bytes[0]! < 224;
  }

  return bytes[0] !== 0xff && bytes.subarray(0, 15).some(byte => byte !== 0); // Neither ff00::/8 nor :: nor ::1
}

/** Every protocol, TCP, UDP, SCTP. */
export const protocols: readonly number[] = [0, 6, 17, 132];

/** Whether frames can be looked up by this name: a port means something in one protocol only. */
export function isServiceName({address, protocol, port}: ServiceName): boolean {
  return (
    isHostAddress(address) &&
    protocols.includes(protocol) &&
    isInteger(port, 0, 65_535) &&
    (port === 0 || protocol !== 0)
  );
}

export function isInteger(value: number, lowest: number, highest: number): boolean {
  return Number.isInteger(value) && value >= lowest && value <= highest;
}

/** A sort order: IPv4 before IPv6, then by address bytes, protocol, port. 0: the same name. */
export function compareServices(one: ServiceName, other: ServiceName): number {
  return compareAddresses(one.address, other.address) || one.protocol - other.protocol || one.port - other.port;
}

function compareAddresses(one: IpAddress, other: IpAddress): number {
  const [bytes, others] = [ipToBytes(one), ipToBytes(other)];
  const difference = bytes.findIndex((byte, index) => byte !== others[index]);
  return bytes.length - others.length || (difference < 0 ? 0 : bytes[difference]! - others[difference]!);
}
