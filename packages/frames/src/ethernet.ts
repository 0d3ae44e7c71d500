import type {MacAddress} from '@tacoplex/vocabulary';

export const broadcastMac = 'ff:ff:ff:ff:ff:ff' as MacAddress;
export const zeroMac = '00:00:00:00:00:00' as MacAddress;

/** Bytes of an Ethernet header without VLAN tag, and of the shortest frame without its check sequence. */
export const ethernetHeaderBytes = 14;
export const shortestFrameBytes = 60;

/** @see IEEE 802 Numbers, IANA */
export const etherTypes = {ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, providerVlan: 0x88a8} as const;
