import type {Config} from '@tacoplex/config';
import {ConfigError} from '@tacoplex/errors';
import {type Interface, type Listed, listInterfaces, pickInterface} from '@tacoplex/links';
import {formatSubnet, parseIp} from '@tacoplex/vocabulary';

/** The interfaces on which the shared addresses are announced. */
export type Nets = {readonly a: Interface; readonly b: Interface};

/**
 * Check whether this machine can announce as the config says.
 *
 * @throws ConfigError if a net has no interface or two, or a shared address is on an interface
 */
export function checkMachine(config: Config): Nets {
  const listing = listInterfaces();
  checkUnowned(config, listing);
  return {
    a: pickInterface(listing, config.netA.subnet, 'net_a'),
    b: pickInterface(listing, config.netB.subnet, 'net_b'),
  };
}

/** The kernel answers for every address that an interface has, the loopback included: for ever, and on every leveler. */
export function checkUnowned({netA, netB}: Pick<Config, 'netA' | 'netB'>, listing: readonly Listed[]): void {
  const shared = [
    ...netA.levips.map(ip => ({ip, what: 'LevIP', net: 'net_a', subnet: netA.subnet})),
    ...netB.gateways.map(ip => ({ip, what: 'gateway', net: 'net_b', subnet: netB.subnet})),
  ];
  for (const {ifname, addr_info: addresses} of listing) {
    const found = shared.find(({ip}) => addresses.some(({local}) => parseIp(local ?? '') === ip));
    if (found !== undefined) {
      const {ip, what, net, subnet} = found;
      throw new ConfigError(
        `${net}: the ${what} ${ip} is on ${ifname}, so the kernel would answer for it; type: ip address del ${ip} dev ${ifname}`,
        {code: 'NET_UNMATCHED', net, subnet: formatSubnet(subnet)},
      );
    }
  }
}
