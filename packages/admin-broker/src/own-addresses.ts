import {networkInterfaces} from 'node:os';
import {type IpAddress, parseIp} from '@tacoplex/vocabulary';

/** The addresses that this machine has on its interfaces now; those on loopback are everybody's. */
export function readOwnAddresses(): readonly IpAddress[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({internal}) => !internal)
    .flatMap(({address}) => parseIp(address) ?? []);
}
