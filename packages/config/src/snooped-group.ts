import type {IpAddress} from '@tacoplex/vocabulary';
import type {Config} from './config.ts';

/**
 * The multicast group that beats need where a switch may forget it: one outside 224.0.0.0/24, which switches forward on all ports,
 * on a net whose levelers are not all named.
 *
 * @returns undefined: none is needed
 * @see RFC 4541, 2.1.2
 */
export function snoopedGroup({
  cluster: {multicast},
  netA,
  netB,
}: Pick<Config, 'cluster' | 'netA' | 'netB'>): IpAddress | undefined {
  const isNeeded = [netA, netB].some(({peers}) => peers.length === 0);
  return isNeeded && !multicast.startsWith('224.0.0.') ? multicast : undefined;
}
