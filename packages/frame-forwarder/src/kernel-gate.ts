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
    hiddenProtocol: '',
    ethernetType: 'ip',
  },
  ipv6: {
    ip: 'ip6',
    icmp: 'icmpv6',
    icmpProtocol: 58,
    laterFragment: 'frag frag-off != 0',
    hiddenProtocol: 'frag nexthdr { 0, 43, 44, 51, 60 }', // An extension header behind it, of which only the first one tells more
    ethernetType: 'ip6',
  },
} as const;

/**
 * The rules that keep the kernel's hands off what the frame loop takes. A capture only watches: the kernel sees every
 * frame as well, and with IP forwarding on it would send a second copy, or answer that the host is unreachable. Taps
 * run before this hook, so the frame loop sees what is dropped here.
 *
 * Dropped are: what a service names; pings of its address, and ICMP errors to it; and later fragments to it of a
 * protocol that a service names, or of one that cannot be seen. All else goes to the kernel.
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

  const {ip, icmp, icmpProtocol, laterFragment, hiddenProtocol, ethernetType} = words[family];
  const addresses = [...new Set(services.map(({address}) => address))];
  const whole = [...new Set(services.filter(({protocol}) => protocol === 0).map(({address}) => address))];
  const named = addresses
    .filter(address => !whole.includes(address))
    .flatMap(address =>
      [...namedProtocols(address, icmpProtocol, services)].map(protocol => `${address} . ${protocol}`),
    );
  const ported = services.filter(({port}) => port !== 0);
  const portless = services.filter(({protocol, port}) => port === 0 && protocol !== 0 && protocol !== icmpProtocol);
  const icmpTypes = ['echo-request', ...errorTypes[family]].join(', ');
  return [
    ...rule(`${laterFragment} ${ip} daddr`, whole, 'drop'),
    ...rule(`${laterFragment} ${ip} daddr . meta l4proto`, named, 'drop'),
    ...(hiddenProtocol === '' ? [] : rule(`${laterFragment} ${hiddenProtocol} ${ip} daddr`, addresses, 'drop')),
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
    ...rule(`meta l4proto != ${icmpProtocol} ${ip} daddr`, whole, 'drop'),
    ...rule(`${icmp} type { ${icmpTypes} } ${ip} daddr`, addresses, 'drop'),
  ];
}

function rule(match: string, elements: readonly string[], verdict: 'drop'): string[] {
  return elements.length === 0 ? [] : [`${match} { ${elements.join(', ')} } ${verdict}`];
}

/** Protocols whose later fragments to an address the frame loop takes: those of services, and ICMP with the pings. */
function namedProtocols(address: IpAddress, icmpProtocol: number, services: readonly Service[]): Set<number> {
  const here = services.filter(service => service.address === address);
  return new Set([icmpProtocol, ...here.map(({protocol}) => protocol)]);
}
