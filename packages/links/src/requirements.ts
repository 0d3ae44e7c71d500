import {type Family, familyOf, type IpAddress} from '@tacoplex/vocabulary';
import {chainsThatDropAll, type Forwarded, readRuleset, rulesThatDropInvalid} from './ruleset.ts';

/** What this machine is to do, as far as it matters for what it must be. */
export type Task = {
  readonly netA: string;
  readonly netB: string;
  /** Shared gateways of the servers; empty in the one-way layout, where no answer passes by. */
  readonly gateways: readonly IpAddress[];
  /** Multicast group that beats need, and that switches may forget. Missing: none. */
  readonly snoopedGroup?: IpAddress | undefined;
};

/** What was found, as data: a setting by its name in sysctl(8), and the packet filter as `nft -j list ruleset` prints it. */
export type Facts = {
  /** @returns undefined where this kernel has no such setting */
  readonly setting: (name: string) => string | undefined;
  /** undefined: it could not be read, which takes root. */
  readonly ruleset: string | undefined;
};

/** One requirement, by the name that docs/requirements.md, `-n` and `taco verify` share. */
export type Requirement = {
  readonly name: string;
  /** Whether clients are not served without it, or only in some cases. */
  readonly weight: 'must' | 'should';
  /** The command that shows how it is. */
  readonly show: (task: Task) => string;
  /** The command that mends it. */
  readonly mend: (task: Task) => string;
  /** What is wrong, in words; undefined: nothing, or it cannot be told. */
  readonly judge: (task: Task, facts: Facts) => string | undefined;
};

/** A requirement that does not hold here. */
export type Unmet = Pick<Requirement, 'name' | 'weight'> & {readonly what: string; readonly mend: string};

/** All that can be asked of a machine. Each has a section of its name in docs/requirements.md. */
export const requirements: readonly Requirement[] = [
  {
    name: 'forwarding',
    weight: 'must',
    show: task => `sysctl ${forwardingOf(task).join(' ')}`,
    mend: task =>
      `sysctl -w ${forwardingOf(task)
        .map(name => `${name}=1`)
        .join(' ')}`,
    judge: (task, {setting}) => {
      const off = forwardingOf(task).filter(name => setting(name) === '0');
      return off.length === 0 ? undefined : `${off.join(', ')} is 0: the servers' answers end here`;
    },
  },
  {
    name: 'reverse path',
    weight: 'should',
    show: ({netB}) => `sysctl net.ipv4.conf.all.rp_filter ${confOf(netB, 'rp_filter')}`,
    mend: ({netB}) => `sysctl -w ${confOf(netB, 'rp_filter')}=2`,
    judge: ({netB, gateways}, {setting}) => {
      // The kernel takes the larger one of both.
      const values = ['net.ipv4.conf.all.rp_filter', confOf(netB, 'rp_filter')].map(name => Number(setting(name) ?? 0));
      return hasGateway(gateways, 'ipv4') && Math.max(...values) === 1
        ? `rp_filter is strict on ${netB}: answers of a service whose address is on another net are dropped`
        : undefined;
    },
  },
  {
    name: 'redirects',
    weight: 'should',
    show: ({netB}) => `sysctl net.ipv4.conf.all.send_redirects ${confOf(netB, 'send_redirects')}`,
    mend: ({netB}) => `sysctl -w net.ipv4.conf.all.send_redirects=0 ${confOf(netB, 'send_redirects')}=0`,
    judge: ({netA, netB, gateways}, {setting}) =>
      netA === netB &&
      hasGateway(gateways, 'ipv4') &&
      ['net.ipv4.conf.all.send_redirects', confOf(netB, 'send_redirects')].some(name => setting(name) === '1')
        ? `both nets are on ${netB}, and servers are told by redirects to go round the gateway`
        : undefined,
  },
  {
    name: 'connection tracking',
    weight: 'must',
    show: () => 'nft list ruleset | grep "ct state"; iptables -S FORWARD | grep -i invalid',
    mend: ({netB}) => `nft insert rule FAMILY TABLE CHAIN iifname ${netB} accept`,
    judge: (task, {ruleset}) => {
      const [rule] = rulesThatDropInvalid(readRuleset(ruleset), answersOf(task));
      return rule === undefined
        ? undefined
        : `a rule of ${rule} drops packets of invalid connections: answers are, since only half of each passes here`;
    },
  },
  {
    name: 'forward policy',
    weight: 'should',
    show: () => 'nft list ruleset | grep "hook forward"',
    mend: ({netB}) => `iptables -I DOCKER-USER -i ${netB} -j ACCEPT, or the same rule in your own forward chain`,
    judge: (task, {ruleset}) => {
      const [chain] = chainsThatDropAll(readRuleset(ruleset), answersOf(task));
      return chain === undefined
        ? undefined
        : `${chain} drops what no rule accepts, as Docker makes it: answers need a rule that accepts them`;
    },
  },
  {
    name: 'IGMP snooping',
    weight: 'should',
    show: () => "ip -d link show BRIDGE | grep -o 'mcast_snooping .\\|mcast_querier .'",
    mend: () => 'name all levelers in net_a.peers and net_b.peers, or leave cluster.multicast out of taco.toml',
    judge: ({snoopedGroup}) =>
      snoopedGroup === undefined
        ? undefined
        : `cluster.multicast is ${snoopedGroup}: a switch with IGMP snooping and no querier forgets it after minutes`,
  },
];

/** What does not hold, in the order of `requirements`. */
export function findUnmet(task: Task, facts: Facts): Unmet[] {
  return requirements.flatMap(({name, weight, judge, mend}) => {
    const what = judge(task, facts);
    return what === undefined ? [] : [{name, weight, what, mend: mend(task)}];
  });
}

function forwardingOf({gateways}: Task): string[] {
  return [
    ...(hasGateway(gateways, 'ipv4') ? ['net.ipv4.ip_forward'] : []),
    ...(hasGateway(gateways, 'ipv6') ? ['net.ipv6.conf.all.forwarding'] : []),
  ];
}

/** Where answers pass by no gateway of ours, no filter sees them. */
function answersOf({netB, gateways}: Task): Forwarded {
  const families = (['ipv4', 'ipv6'] as const).filter(family => hasGateway(gateways, family));
  return {from: netB, families};
}

function hasGateway(gateways: readonly IpAddress[], family: Family): boolean {
  return gateways.some(ip => familyOf(ip) === family);
}

function confOf(interfaceName: string, name: string): string {
  return `net.ipv4.conf.${interfaceName.replaceAll('.', '/')}.${name}`;
}
