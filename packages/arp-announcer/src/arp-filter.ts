import {type IpAddress, type MacAddress, trialIdentifier} from '@tacoplex/vocabulary';

/**
 * What concerns this leveler, in pcap's language: ARP sent to it alone, or that names a shared address of the net as
 * sender or target, and the pings by which it tries others. Routers and servers answer to our own MAC address, so their
 * addresses need not stand here. Pings of others come by too, on their way through this machine: those are not for us.
 *
 * @param own this leveler's IPv4 address on net A
 * @param shared IPv4 addresses of the net; none: only what is sent to us
 */
export function arpFilter(mac: MacAddress, own: IpAddress, shared: readonly IpAddress[]): string {
  const named = shared.map(ip => `arp src host ${ip} or arp dst host ${ip}`);
  const arp = `arp and (${[`ether dst ${mac}`, ...named].join(' or ')})`;
  return `(${arp}) or (ether dst ${mac} and dst host ${own} and icmp[icmptype] == icmp-echoreply and icmp[4:2] == ${trialIdentifier})`;
}
