import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';
import {trialIdentifier} from './trial-frame.ts';

/**
 * What concerns this leveler, in pcap's language: ARP sent to it alone, or that names a shared address of the net as
 * sender or target, and the pings by which it tries others. Routers and servers answer to our own MAC address, so their
 * addresses need not stand here.
 *
 * @param shared IPv4 addresses of the net; none: only what is sent to us
 */
export function arpFilter(mac: MacAddress, shared: readonly IpAddress[]): string {
  const named = shared.map(ip => `arp src host ${ip} or arp dst host ${ip}`);
  const arp = `arp and (${[`ether dst ${mac}`, ...named].join(' or ')})`;
  return `(${arp}) or (ether dst ${mac} and icmp[icmptype] == icmp-echoreply and icmp[4:2] == ${trialIdentifier})`;
}
