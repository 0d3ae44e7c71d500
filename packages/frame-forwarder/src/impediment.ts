import type {ClusterState} from '@tacoplex/cluster';
import {familyOf, type IpAddress, isInside, type Subnet} from '@tacoplex/vocabulary';

/** What the kernel says of a net's interface; undefined: there is none. */
export type NetFacts = {readonly name: string; readonly mtu: number; readonly hasAddress: boolean} | undefined;

/** What the kernel says of this machine, as far as it decides whether frames and their answers get through. */
export type MachineFacts = {
  readonly a: NetFacts;
  readonly b: NetFacts;
  /** The first requirement of docs/requirements.md without which answers end here, and what to type; undefined: all are met. */
  readonly unmet: string | undefined;
  /** The larger of rp_filter of net B's interface and of `all`. @see ip-sysctl.rst */
  readonly rpFilter: number | undefined;
};

type Layout = {
  readonly gateways: readonly IpAddress[];
  /** Of net B. */
  readonly subnet: Subnet;
  readonly services: ClusterState['services'];
};

const strict = 1;

/**
 * The first thing that keeps clients' frames, or the servers' answers, from getting through this machine, with what to type.
 *
 * @returns undefined: nothing that can be seen
 */
export function findImpediment({a, b, unmet, rpFilter}: MachineFacts, layout: Layout): string | undefined {
  if (a === undefined || b === undefined) {
    return `the interface of net ${a === undefined ? 'A' : 'B'} is gone`;
  }

  const bare = a.hasAddress ? b : a;
  if (!a.hasAddress || !b.hasAddress) {
    return `${bare.name} has lost its address on net ${bare === a ? 'A' : 'B'}`;
  }

  if (b.mtu < a.mtu) {
    return `${b.name} carries ${b.mtu} bytes, ${a.name} brings ${a.mtu}; type: ip link set ${b.name} mtu ${a.mtu}`;
  }

  return unmet ?? findFilterFault(b.name, rpFilter, layout);
}

/** Answers come from a ServIP by way of net B: a strict filter drops those whose sender it would look for elsewhere. */
function findFilterFault(
  name: string,
  rpFilter: number | undefined,
  {gateways, subnet, services}: Layout,
): string | undefined {
  const outside = services.find(({address}) => familyOf(address) === 'ipv4' && !isInside(subnet, address));
  return gateways.some(ip => familyOf(ip) === 'ipv4') && rpFilter === strict && outside !== undefined
    ? `answers from ${outside.address} are dropped by rp_filter; type: sysctl -w net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.${name}.rp_filter=2`
    : undefined;
}
