import {type IpAddress, ipFromBytes, ipToBytes, isInside, type Subnet} from './addresses.ts';
import type {LevelerId} from './identifiers.ts';

/**
 * The leveler that has this net B address.
 *
 * @param netB an IPv4 subnet of prefix length 16..30: the host part must fit in 16 bits
 * @returns undefined if the address is not in `netB`, or its host part is 0
 */
export function levelerIdOf(address: IpAddress, netB: Subnet): LevelerId | undefined {
  if (!isInside(netB, address)) {
    return undefined;
  }

  const [, , high = 0, low = 0] = ipToBytes(address);
  const host = ((high << 8) | low) & (2 ** (32 - netB.prefixLength) - 1);
  return host === 0 ? undefined : (host as LevelerId);
}

/**
 * The net B address that makes a leveler what it is: `levelerIdOf` the other way round.
 *
 * @param id of a leveler; one that is too large for `netB` yields an address behind it
 */
export function addressOfLeveler(id: LevelerId, netB: Subnet): IpAddress {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, new DataView(ipToBytes(netB.address).buffer).getUint32(0) + id);
  return ipFromBytes(bytes);
}
