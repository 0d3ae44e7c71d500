export * from './arp.ts';
export * from './build-ethernet.ts';
export * from './build-icmp.ts';
export * from './build-ipv4.ts';
export * from './build-ipv6.ts';
export * from './build-transport.ts';
export {type Addresses, internetChecksum, transportChecksum} from './checksum.ts';
export * from './ethernet.ts';
export {joinBytes} from './join-bytes.ts';
