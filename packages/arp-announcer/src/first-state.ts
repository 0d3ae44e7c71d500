import {firstState, type Net, type SharedAddress, type State} from '@tacoplex/announcing';
import type {Config} from '@tacoplex/config';
import {BugError} from '@tacoplex/errors';
import {familyOf, type IpAddress, levelerIdOf} from '@tacoplex/vocabulary';
import type {Nets} from './check-machine.ts';

/** What an announcer with this config begins with. */
export function firstStateOf({netA, netB, intake}: Pick<Config, 'netA' | 'netB' | 'intake'>, nets: Nets): State {
  const self = levelerIdOf(nets.b.address, netB.subnet);
  if (self === undefined) {
    throw new BugError('the interface found for net B has an address in it');
  }

  return firstState(
    {
      self,
      addresses: [...sharedOn('a', netA.levips), ...sharedOn('b', netB.gateways)],
      dwellMs: intake.dwellMs,
      subnets: {a: netA.subnet, b: netB.subnet},
      routers: netA.routers.filter(isIpv4),
    },
    {a: nets.a.mac, b: nets.b.mac},
    {a: nets.a.address, b: nets.b.address},
  );
}

function sharedOn(net: Net, ips: readonly IpAddress[]): SharedAddress[] {
  return ips.filter(isIpv4).map((ip, index) => ({ip, net, index}));
}

/** Shared addresses that ARP cannot announce. */
export function ignoredOf({netA, netB}: Pick<Config, 'netA' | 'netB'>): IpAddress[] {
  return [...netA.levips, ...netB.gateways].filter(ip => !isIpv4(ip));
}

function isIpv4(ip: IpAddress): boolean {
  return familyOf(ip) === 'ipv4';
}
