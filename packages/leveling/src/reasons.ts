/** `hold`: keep a copy, and send it on once the server of its datagram is known. */
export type Verdict = 'forward' | 'pass' | 'drop' | 'hold';

/**
 * Every way out of the forwarding function. The position is the reason's number: it stands in
 * counters, messages and the kernel half, so entries are added at the end and never moved.
 *
 * Only frames whose destination address field holds a service's address are ever dropped or held:
 * whatever else is strange about a frame, if it is for somebody else it goes up the stack.
 */
export const reasonTable = [
  {name: 'forwarded', verdict: 'forward', meaning: 'sent to the server of its bin'},
  {name: 'truncated', verdict: 'pass', meaning: 'ends before the destination address'},
  {name: 'not-ours', verdict: 'pass', meaning: "destination MAC address is another machine's"},
  {name: 'not-ip', verdict: 'pass', meaning: 'neither IPv4 nor IPv6: ARP, 802.3 length, anything else'},
  {name: 'vlan-stacked', verdict: 'pass', meaning: 'an 802.1ad tag, or a second VLAN tag'},
  {name: 'no-service', verdict: 'pass', meaning: 'no service has this address, protocol and port'},
  {name: 'fragment-later', verdict: 'hold', meaning: 'a fragment without ports; the one that has them is yet to come'},
  {name: 'icmp-other', verdict: 'pass', meaning: 'ICMP to a service, but neither echo request nor error'},
  {name: 'icmp-quote-truncated', verdict: 'pass', meaning: 'an ICMP error that quotes too little to tell the flow'},
  {name: 'icmp-quote-foreign', verdict: 'pass', meaning: 'an ICMP error about a packet that no service sent'},
  {
    name: 'icmp-quote-unusable',
    verdict: 'pass',
    meaning: 'an ICMP error about an error, or about a fragment without ports',
  },
  {name: 'ipv6-many-headers', verdict: 'pass', meaning: 'more than 8 IPv6 extension headers'},
  {name: 'ipv6-jumbogram', verdict: 'pass', meaning: 'IPv6 payload length 0 with a hop-by-hop header'},
  {name: 'group-mac', verdict: 'drop', meaning: 'for a service, but sent to a broadcast or multicast MAC address'},
  {name: 'ip-version', verdict: 'drop', meaning: 'version in the IP header differs from the Ethernet type'},
  {name: 'ipv4-header-length', verdict: 'drop', meaning: 'IPv4 header shorter than 20 bytes, or beyond the packet'},
  {name: 'ip-length', verdict: 'drop', meaning: 'IPv4 total or IPv6 payload length beyond the frame'},
  {name: 'ipv6-header-length', verdict: 'drop', meaning: 'an IPv6 extension header reaches beyond the packet'},
  {
    name: 'source-address',
    verdict: 'drop',
    meaning: "source is a service's, unspecified, broadcast, multicast or loopback",
  },
  {name: 'transport-truncated', verdict: 'drop', meaning: 'the packet ends within its TCP, UDP, SCTP or ICMP header'},
  {name: 'tcp-offset', verdict: 'drop', meaning: 'TCP header shorter than 20 bytes, or beyond the packet'},
  {name: 'no-server', verdict: 'drop', meaning: 'the bin has no server, or its server is dead and so is the fallback'},
  {name: 'no-mac', verdict: 'drop', meaning: "the server's MAC address is not known (yet)"},
] as const satisfies readonly {name: string; verdict: Verdict; meaning: string}[];

export type ReasonName = (typeof reasonTable)[number]['name'];

/** Names of all reasons; the index is the reason's number. */
export const reasons: readonly ReasonName[] = reasonTable.map(({name}) => name);

/** The verdict that goes with each reason, by number. */
export const verdicts: readonly Verdict[] = reasonTable.map(({verdict}) => verdict);

/** The number of each reason, by name. */
export const reasonNumbers = Object.fromEntries(reasons.map((name, number) => [name, number])) as Readonly<
  Record<ReasonName, number>
>;

/**
 * Ways out of an engine that the forwarding function does not know; their numbers follow those of {@link reasons}. A
 * fragment that has to wait was counted as `fragment-later`; what becomes of it is counted beside that: overflow (there is
 * no room to hold it), expired, or released, and then like any other frame.
 */
export const shellReasons = [
  'fenced',
  'net-b-down',
  'send-failed',
  'fragment-overflow',
  'fragment-expired',
  'fragment-released',
] as const;
export type ShellReason = (typeof shellReasons)[number];

/** @returns the number of a reason that the forwarding function does not know */
export function shellReasonNumber(reason: ShellReason): number {
  return reasons.length + shellReasons.indexOf(reason);
}
