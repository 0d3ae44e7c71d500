import type {Config} from '@tacoplex/config';
import type {Interface} from '@tacoplex/links';
import type {Incoming, Outgoing} from '@tacoplex/messages';
import {type IpAddress, ipToBytes, type MacAddress, macToBytes, parseSubnet} from '@tacoplex/vocabulary';

export const ip = (text: string): IpAddress => text as IpAddress;
export const mac = (text: string): MacAddress => text as MacAddress;

export const levIp = ip('10.0.0.200');
export const router = ip('10.0.0.1');
export const routerMac = mac('02:00:00:00:00:99');

export const interfaceOf = (net: 'a' | 'b', leveler = 1): Interface => ({
  name: `net-${net}`,
  index: 7,
  mac: mac(`02:00:00:00:0${net}:0${leveler}`),
  address: ip(net === 'a' ? `10.0.0.${100 + leveler}` : `10.0.1.${leveler}`),
  mtu: 1500,
});

export const netsOf = (leveler = 1): {a: Interface; b: Interface} => ({
  a: interfaceOf('a', leveler),
  b: interfaceOf('b', leveler),
});

export const config = (levips: readonly IpAddress[] = [levIp], gateways: readonly IpAddress[] = []) =>
  ({
    netA: {subnet: parseSubnet('10.0.0.0/24')!, subnet6: undefined, peers: [], levips, routers: [router]},
    netB: {subnet: parseSubnet('10.0.1.0/24')!, subnet6: undefined, peers: [], gateways},
    intake: {mode: 'turns', dwellMs: 0},
  }) satisfies Partial<Config>;

export type ClaimSaid = NonNullable<Incoming<'announcer.claims'>['claims']>[number];

/** What an elector says of levelers 1.. with these net A and net B MAC addresses. */
export function viewOf(
  saidAtMs: number,
  peers: readonly {
    id: number;
    live?: boolean;
    a: MacAddress;
    b: MacAddress;
    claims?: readonly ClaimSaid[];
  }[],
): Outgoing<'elector.view'> {
  return {
    saidAtMs,
    mayForward: true,
    mayTake: true,
    hasMajority: true,
    peers: peers.map(({id, live = true, a, b, claims = []}) => ({
      id,
      member: true,
      live,
      netAMac: macToBytes(a),
      netBMac: macToBytes(b),
      reachesA: true,
      reachesB: true,
      claims,
    })),
  };
}

export const both = [1, 2].map(id => ({id, a: interfaceOf('a', id).mac, b: interfaceOf('b', id).mac}));

export const claimSaid = (turn: number, holding = true, releasing = false): ClaimSaid => ({
  address: ipToBytes(levIp),
  turn,
  holding,
  releasing,
});
