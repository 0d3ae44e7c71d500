import {type MacAddress, macFromBytes} from '@tacoplex/vocabulary';

/** Servers' MAC addresses by number; those that are not known are missing. */
export function readMacs(
  servers: readonly {readonly number: number; readonly mac: Uint8Array}[],
): ReadonlyMap<number, MacAddress> {
  return new Map(servers.flatMap(({number, mac}) => (mac.length === 6 ? [[number, macFromBytes(mac)] as const] : [])));
}
