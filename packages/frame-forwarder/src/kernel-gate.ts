import type {Service} from '@tacoplex/cluster';
import {type Family, familyOf, type IpAddress, type MacAddress} from '@tacoplex/vocabulary';

/** The nftables table that is ours, in the family `netdev`. Nobody else's is touched. */
export const gateTable = 'tacoplex';

/** Removes the table, and does nothing if there is none. */
export const emptyRuleset = `table netdev ${gateTable}\ndelete table netdev ${gateTable}\n`;

/** ICMP messages about a packet of ours: they are keyed by what they quote, and forwarded. */
const errorTypes = {
  ipv4: ['destination-unreachable', 'time-exceeded', 'parameter-problem'],
  ipv6: ['destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem'],
} as const;

const words = {
  ipv4: {
    ip: 'ip',
    icmp: 'icmp',
    icmpProtocol: 1,
    laterFragment: 'ip frag-off & 0x1fff != 0',
    ethernetType: 'ip',
  },
  ipv6: {
    ip: 'ip6',
    icmp: 'icmpv6',
    icmpProtocol: 58,
    laterFragment: 'frag frag-off != 0',
    ethernetType: 'ip6',
  },
} as const;

/**
 * The rules that keep the kernel's hands off what the frame loop takes. A capture only watches: the kernel sees every
 * frame as well, and with IP forwarding on it would send a second copy, or answer that the host is unreachable. Taps
 * run before this hook, so the frame loop sees what is dropped here.
 *
 * Dropped are: what a service names; pings of its address, and ICMP errors to it; and later fragments to it where the
 * frame loop can tell their server. All else goes to the kernel.
 *
 * @returns text for `nft -f`: one transaction that replaces what an earlier process has left
 */
export function writeRuleset(interfaceName: string, ourMac: MacAddress, services: readonly Service[]): string {
  const rules = (['ipv4', 'ipv6'] as const).flatMap(family =>
    writeRules(
      family,
      services.filter(({address}) => familyOf(address) === family),
    ),
  );
  return `${emptyRuleset}table netdev ${gateTable} {
  chain net_a {
    type filter hook ingress device "${interfaceName}" priority 0; policy accept;
    ether daddr != ${ourMac} accept
${rules.map(rule => `    ${rule}\n`).join('')}  }
}
`;
}

function writeRules(family: Family, services: readonly Service[]): string[] {
  if (services.length === 0) {
    return [];
  }

  const {ip, icmp, icmpProtocol, laterFragment, ethernetType} = words[family];
  const addresses = [...new Set(services.map(({address}) => address))];
  const fragments = addresses.flatMap(address => placeFragments(address, icmpProtocol, services));
  const placed = (...kinds: FragmentPlace['kind'][]): string[] =>
    fragments.filter(({kind}) => kinds.includes(kind)).map(({element}) => element);
  const ported = services.filter(({port}) => port !== 0);
  const portless = services.filter(({protocol, port}) => port === 0 && protocol !== 0 && protocol !== icmpProtocol);
  const whole = services.filter(({protocol}) => protocol === 0);
  const icmpTypes = ['echo-request', ...errorTypes[family]].join(', ');
  return [
    ...rule(`${laterFragment} ${ip} daddr . meta l4proto`, placed('protocol'), 'drop'),
    ...rule(`${laterFragment} ${ip} daddr . meta l4proto`, placed('ambiguous'), 'accept'),
    ...rule(`${laterFragment} ${ip} daddr`, placed('address'), 'drop'),
    `meta protocol ${ethernetType} ${laterFragment} accept`,
    ...rule(
      `${ip} daddr . meta l4proto . th dport`,
      ported.map(({address, protocol, port}) => `${address} . ${protocol} . ${port}`),
      'drop',
    ),
    ...rule(
      `${ip} daddr . meta l4proto`,
      portless.map(({address, protocol}) => `${address} . ${protocol}`),
      'drop',
    ),
    ...rule(
      `meta l4proto != ${icmpProtocol} ${ip} daddr`,
      whole.map(({address}) => address),
      'drop',
    ),
    ...rule(`${icmp} type { ${icmpTypes} } ${ip} daddr`, addresses, 'drop'),
  ];
}

function rule(match: string, elements: readonly string[], verdict: 'accept' | 'drop'): string[] {
  return elements.length === 0 ? [] : [`${match} { ${elements.join(', ')} } ${verdict}`];
}

/** Later fragments of one protocol of an address, or of all protocols that no service of it names. */
type FragmentPlace = {readonly kind: 'protocol' | 'ambiguous' | 'address'; readonly element: string};

/**
 * Where the later fragments to an address belong. They have no ports: the frame loop can tell their server only if all
 * services that could be meant share group and affinity, and that affinity needs no ports. Those of ICMP go with the
 * pings.
 */
function placeFragments(address: IpAddress, icmpProtocol: number, services: readonly Service[]): FragmentPlace[] {
  const here = services.filter(service => service.address === address);
  const isPlaced = (wanted: number): boolean => {
    const possible = here.filter(({protocol}) => protocol === wanted || protocol === 0);
    const [first] = possible;
    return (
      possible.every(({group, affinity}) => group === first?.group && affinity === first.affinity) &&
      (first?.affinity === 'client' || first?.affinity === 'ipid')
    );
  };
  const protocols = new Set(here.map(({protocol}) => protocol).filter(number => number !== 0));
  protocols.delete(icmpProtocol);
  return [
    {kind: 'protocol', element: `${address} . ${icmpProtocol}`},
    ...[...protocols].map<FragmentPlace>(protocol => ({
      kind: isPlaced(protocol) ? 'protocol' : 'ambiguous',
      element: `${address} . ${protocol}`,
    })),
    ...(isPlaced(0) ? [{kind: 'address', element: address} as const] : []),
  ];
}
