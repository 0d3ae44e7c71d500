import {execFileSync} from 'node:child_process';
import {ConfigError, WorldError} from '@tacoplex/errors';
import {
  formatSubnet,
  type IpAddress,
  isInside,
  type MacAddress,
  parseIp,
  parseMac,
  type Subnet,
} from '@tacoplex/vocabulary';
import type {LinkFact} from './link-table.ts';

/** Room for a listing: an address takes about 150 bytes, and a machine may have every address of a /16 on one interface. */
const listingBytes = 64 * 1_048_576;

/** The config's name of a net, as it stands in taco.toml. */
export type NetName = 'net_a' | 'net_b';

/** An Ethernet interface of this machine, up or down. */
export type Interface = {
  readonly name: string;
  /** The kernel's number for it; a deleted and re-created interface has another one. */
  readonly index: number;
  readonly mac: MacAddress;
  /** Its first address inside the net it was found for. */
  readonly address: IpAddress;
  /** Bytes of the largest IP packet. */
  readonly mtu: number;
};

/** What `ip -j address` says of one interface, as far as it is read here. */
export type Listed = {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_type: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address?: string;
  readonly addr_info: readonly {readonly local?: string; readonly prefixlen?: number}[];
};

/**
 * Find the one Ethernet interface that has an address inside a net. Interfaces that are down count too: they have kept
 * their IPv4 addresses.
 *
 * @throws ConfigError NET_UNMATCHED if none has one, or two have
 * @throws WorldError COMMAND_FAILED if `ip` cannot be run
 */
export function findInterface(subnet: Subnet, netName: NetName): Interface {
  return pickInterface(listInterfaces(), subnet, netName);
}

/** The decision in `findInterface`, from a listing. */
export function pickInterface(listing: readonly Listed[], subnet: Subnet, netName: NetName): Interface {
  const found = listing.flatMap(listed => matching(listed, subnet));
  const [first] = found;
  if (first === undefined || found.length > 1) {
    const reason = first === undefined ? sayNone(listing, subnet) : sayMany(found, subnet);
    throw new ConfigError(`${netName}: ${reason}`, {
      code: 'NET_UNMATCHED',
      net: netName,
      subnet: formatSubnet(subnet),
    });
  }

  return first;
}

/** Every interface of this network namespace, in the kernel's order. @throws WorldError COMMAND_FAILED */
export function listInterfaces(): Listed[] {
  return runIp<Listed>('address').filter(isListed);
}

/** Every link of this network namespace: up means administratively up and with carrier. @throws as `listInterfaces` */
export function listLinks(): LinkFact[] {
  return runIp<Listed>('link')
    .filter(isLink)
    .map(({ifname, ifindex, flags, address}) => ({
      name: ifname,
      index: ifindex,
      up: flags.includes('UP') && flags.includes('LOWER_UP'),
      mac: parseMac(address ?? ''),
    }));
}

function runIp<Item>(subject: 'address' | 'link'): Partial<Item>[] {
  const command = `ip -j ${subject}`;
  try {
    const text = execFileSync('ip', ['-j', subject], {
      encoding: 'utf8',
      timeout: 5000,
      maxBuffer: listingBytes,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return JSON.parse(text) as Partial<Item>[];
  } catch (cause) {
    throw new WorldError(
      `cannot list the interfaces with \`${command}\`: ${String(cause)}`,
      {code: 'COMMAND_FAILED', command},
      {cause},
    );
  }
}

/** `ip -j` prints an empty object for interfaces that vanish while it looks. */
function isLink(listed: Partial<Listed>): listed is Listed {
  return listed.ifname !== undefined && listed.ifindex !== undefined && listed.flags !== undefined;
}

function isListed(listed: Partial<Listed>): listed is Listed {
  return isLink(listed) && listed.addr_info !== undefined;
}

function matching(listed: Listed, subnet: Subnet): Interface[] {
  const mac = parseMac(listed.address ?? '');
  const address = addressIn(listed, subnet);
  if (listed.link_type !== 'ether' || mac === undefined || address === undefined) {
    return [];
  }

  return [{name: listed.ifname, index: listed.ifindex, mac, address, mtu: listed.mtu}];
}

/** Its first address inside a net; undefined: it has none. */
export function addressIn(listed: Listed, subnet: Subnet): IpAddress | undefined {
  return addressesOf(listed).find(ip => isInside(subnet, ip));
}

function addressesOf({addr_info: infos}: Listed): IpAddress[] {
  return infos.map(({local}) => parseIp(local ?? '')).filter(ip => ip !== undefined);
}

function sayNone(listing: readonly Listed[], subnet: Subnet): string {
  const there = listing
    .filter(({link_type: type}) => type === 'ether')
    .flatMap(listed =>
      addressesOf(listed)
        .filter(isGlobal)
        .map(ip => `${listed.ifname} ${ip}`),
    );
  return `no Ethernet interface has an address in ${formatSubnet(subnet)}; there is ${there.join(', ') || 'none with any address'}`;
}

function sayMany(found: readonly Interface[], subnet: Subnet): string {
  const names = found.map(({name, address}) => `${name} ${address}`).join(', ');
  return `${found.length} interfaces have an address in ${formatSubnet(subnet)}, one must: ${names}`;
}

function isGlobal(ip: IpAddress): boolean {
  return !ip.startsWith('fe80:');
}
