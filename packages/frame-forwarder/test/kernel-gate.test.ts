import type {Service} from '@tacoplex/cluster';
import type {GroupNumber, IpAddress, MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {emptyRuleset, writeRuleset} from '../src/kernel-gate.ts';

const mac = '02:00:00:00:0a:65' as MacAddress;
const service = (
  address: string,
  protocol: number,
  port: number,
  affinity: Service['affinity'] = 'flow',
  group = 0,
): Service => ({address: address as IpAddress, protocol, port, affinity, group: group as GroupNumber});

/** The rules of the chain behind the one about MAC addresses. */
const rulesOf = (...services: Service[]): string[] =>
  writeRuleset('eth0', mac, services)
    .split('\n')
    .slice(6, -3)
    .map(line => line.trim());

const laterOf = (protocol: number): string =>
  `ip frag-off & 0x1fff != 0 ip daddr . meta l4proto { 10.0.1.200 . 1, 10.0.1.200 . ${protocol} } drop`;
const otherFragments = 'meta protocol ip ip frag-off & 0x1fff != 0 accept';
const icmp =
  'icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } ip daddr { 10.0.1.200 } drop';

test('the whole text replaces the table in one transaction', t => {
  t.is(
    writeRuleset('eth0', mac, []),
    `${emptyRuleset}table netdev tacoplex {
  chain net_a {
    type filter hook ingress device "eth0" priority 0; policy accept;
    ether daddr != ${mac} accept
  }
}
`,
  );
});

for (const {title, services, rules} of [
  {
    title: 'a service with a port takes its port, and the pings and errors of its address',
    services: [service('10.0.1.200', 6, 80)],
    rules: [laterOf(6), otherFragments, 'ip daddr . meta l4proto . th dport { 10.0.1.200 . 6 . 80 } drop', icmp],
  },
  {
    title: 'two services of one protocol take its later fragments together',
    services: [service('10.0.1.200', 17, 53, 'client', 0), service('10.0.1.200', 17, 54, 'flow', 1)],
    rules: [
      laterOf(17),
      otherFragments,
      'ip daddr . meta l4proto . th dport { 10.0.1.200 . 17 . 53, 10.0.1.200 . 17 . 54 } drop',
      icmp,
    ],
  },
  {
    title: 'a service of every port takes its protocol',
    services: [service('10.0.1.200', 132, 0)],
    rules: [laterOf(132), otherFragments, 'ip daddr . meta l4proto { 10.0.1.200 . 132 } drop', icmp],
  },
  {
    title: 'a service of every protocol takes all but ICMP that is neither ping nor error',
    services: [service('10.0.1.200', 0, 0, 'client')],
    rules: [
      'ip frag-off & 0x1fff != 0 ip daddr { 10.0.1.200 } drop',
      otherFragments,
      'meta l4proto != 1 ip daddr { 10.0.1.200 } drop',
      icmp,
    ],
  },
  {
    title: 'IPv6 has rules of its own',
    services: [service('fd00:b::200', 6, 80)],
    rules: [
      'frag frag-off != 0 ip6 daddr . meta l4proto { fd00:b::200 . 58, fd00:b::200 . 6 } drop',
      'frag frag-off != 0 frag nexthdr { 0, 43, 44, 51, 60 } ip6 daddr { fd00:b::200 } drop',
      'meta protocol ip6 frag frag-off != 0 accept',
      'ip6 daddr . meta l4proto . th dport { fd00:b::200 . 6 . 80 } drop',
      'icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ip6 daddr { fd00:b::200 } drop',
    ],
  },
]) {
  test(title, t => {
    t.deepEqual(rulesOf(...services), rules);
  });
}
