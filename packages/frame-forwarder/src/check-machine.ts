import type {Config} from '@tacoplex/config';
import {ConfigError} from '@tacoplex/errors';
import {type Interface, listInterfaces, pickInterface} from '@tacoplex/links';
import {formatSubnet} from '@tacoplex/vocabulary';

/** The interfaces frames come in on and leave by; one and the same where both nets share a wire. */
export type Nets = {readonly a: Interface; readonly b: Interface};

/**
 * Check whether this machine can forward as the config says.
 *
 * @throws ConfigError if a net has no interface or two, or net B carries less than net A
 */
export function checkMachine(config: Config): Nets {
  const listing = listInterfaces();
  const nets = {
    a: pickInterface(listing, config.netA.subnet, 'net_a'),
    b: pickInterface(listing, config.netB.subnet, 'net_b'),
  };
  checkMtu(nets, config);
  return nets;
}

export function checkMtu({a, b}: Nets, {netB}: Pick<Config, 'netB'>): void {
  if (b.mtu < a.mtu) {
    throw new ConfigError(
      `net_b: ${b.name} carries ${b.mtu} bytes, ${a.name} on net_a brings ${a.mtu}: nothing may be cut; ` +
        `type: ip link set ${b.name} mtu ${a.mtu}`,
      {code: 'NET_UNMATCHED', net: 'net_b', subnet: formatSubnet(netB.subnet)},
    );
  }
}
