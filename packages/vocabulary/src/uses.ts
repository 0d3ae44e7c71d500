import {familyOf, formatSubnet, type IpAddress, ipToBytes, isInside, type Subnet} from './addresses.ts';

type Net = {
  readonly subnet: Subnet;
  readonly subnet6?: Subnet | undefined;
  /** Levelers that the config names; empty: it names none. */
  readonly peers: readonly IpAddress[];
};

/** Both nets as the config of a cluster tells them. */
export type Nets = {
  readonly netA: Net & {readonly levips: readonly IpAddress[]; readonly routers: readonly IpAddress[]};
  readonly netB: Net & {readonly gateways: readonly IpAddress[]};
};

export type UseKind = 'network' | 'broadcast' | 'levip' | 'router' | 'gateway' | 'peer';

/** What a cluster's config makes of an address; `words` stand behind "10.0.1.254 is". */
export type Use = {readonly kind: UseKind; readonly words: string};

/**
 * Every use that the config has for an address, the ends of its subnets first.
 *
 * @returns empty: the config leaves the address to others
 */
export function usesOf({netA, netB}: Nets, ip: IpAddress): readonly Use[] {
  const named = (kind: UseKind, addresses: readonly IpAddress[], words: string): readonly Use[] =>
    addresses.includes(ip) ? [{kind, words}] : [];
  return [
    ...endsOf('A', netA, ip),
    ...endsOf('B', netB, ip),
    ...named('levip', netA.levips, 'a LevIP'),
    ...named('router', netA.routers, 'a router on net A'),
    ...named('gateway', netB.gateways, 'a gateway on net B'),
    ...named('peer', netA.peers, "a leveler's own address on net A"),
    ...named('peer', netB.peers, "a leveler's own address on net B"),
  ];
}

/** Both subnets of a net for people: `10.0.1.0/24, fd00:b::/64`. */
export function formatNet({subnet, subnet6}: Pick<Net, 'subnet' | 'subnet6'>): string {
  return [subnet, subnet6].flatMap(one => (one === undefined ? [] : [formatSubnet(one)])).join(', ');
}

/** Whether an address is inside one of a net's subnets. */
export function isOnNet({subnet, subnet6}: Pick<Net, 'subnet' | 'subnet6'>, ip: IpAddress): boolean {
  return isInside(subnet, ip) || (subnet6 !== undefined && isInside(subnet6, ip));
}

function endsOf(name: string, {subnet, subnet6}: Net, ip: IpAddress): readonly Use[] {
  return [subnet, subnet6].flatMap(one => {
    const kind = one === undefined ? undefined : endOf(one, ip);
    return one === undefined || kind === undefined
      ? []
      : [{kind, words: `the ${kind} address of net ${name} (${formatSubnet(one)})`}];
  });
}

/** The lowest address of a subnet names it (IPv6: any of its routers), the highest of an IPv4 one means all; of 31 bits, neither. */
function endOf(subnet: Subnet, ip: IpAddress): 'network' | 'broadcast' | undefined {
  const bits = familyOf(subnet.address) === 'ipv4' ? 32 : 128;
  if (subnet.prefixLength > bits - 2 || !isInside(subnet, ip)) {
    return undefined;
  }

  if (ip === subnet.address) {
    return 'network';
  }

  return bits === 32 && isHighest(subnet, ip) ? 'broadcast' : undefined;
}

function isHighest({prefixLength}: Subnet, ip: IpAddress): boolean {
  const hosts = 2 ** (32 - prefixLength);
  return ipToBytes(ip).reduce((sum, byte) => sum * 256 + byte, 0) % hosts === hosts - 1;
}
