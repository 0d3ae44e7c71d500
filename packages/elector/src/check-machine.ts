import {hostname} from 'node:os';
import {isName} from '@tacoplex/cluster';
import {type Config, type FoundRing, readRing} from '@tacoplex/config';
import type {Place} from '@tacoplex/election';
import {ConfigError} from '@tacoplex/errors';
import {type Interface, type Listed, listInterfaces, pickInterface} from '@tacoplex/links';
import {formatSubnet, type LevelerId, levelerIdOf} from '@tacoplex/vocabulary';

/** What the elector needs of this machine. */
export type Machine = {
  /** undefined: a witness need not be on net A. */
  readonly a: Interface | undefined;
  readonly b: Interface;
  readonly id: LevelerId;
  readonly name: string;
  readonly ring: FoundRing;
};

/** @throws ConfigError if the key cannot be used, or a net has no interface or two */
export function checkMachine(config: Config): Machine {
  const ring = readRing(config);
  const listing = listInterfaces();
  const a =
    config.role === 'witness' ? findIfAny(config, listing) : pickInterface(listing, config.netA.subnet, 'net_a');
  const b = pickInterface(listing, config.netB.subnet, 'net_b');
  const id = levelerIdOf(b.address, config.netB.subnet);
  if (id === undefined) {
    const subnet = formatSubnet(config.netB.subnet);
    throw new ConfigError(`net_b: ${b.name} has the address of the net itself, ${b.address}; give it one of a host`, {
      code: 'NET_UNMATCHED',
      net: 'net_b',
      subnet,
    });
  }

  if (a !== undefined) {
    assertListed('net_a', config.netA, a);
  }

  assertListed('net_b', config.netB, b);
  return {a, b, id, name: nameFrom(hostname(), id), ring};
}

function findIfAny({netA}: Config, listing: readonly Listed[]): Interface | undefined {
  try {
    return pickInterface(listing, netA.subnet, 'net_a');
  } catch (error) {
    if (error instanceof ConfigError) {
      return undefined;
    }

    throw error;
  }
}

/** Whoever is not in a list of all levelers would be sent no beats. */
function assertListed(net: 'net_a' | 'net_b', {peers, subnet}: Config['netA' | 'netB'], {name, address}: Interface) {
  if (peers.length > 0 && !peers.includes(address)) {
    throw new ConfigError(`${net}.peers: must name every leveler, and this one is ${address} (${name})`, {
      code: 'NET_UNMATCHED',
      net,
      subnet: formatSubnet(subnet),
    });
  }
}

export function placeOf({address, mac}: Interface): Place {
  return {address, mac};
}

/** The host name up to its first dot, or the leveler's number if that is no name. */
export function nameFrom(host: string, id: LevelerId): string {
  const [first = ''] = host.toLowerCase().split('.');
  return isName(first) ? first : `leveler-${id}`;
}
