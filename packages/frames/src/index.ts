export * from './arp.ts';
export * from './ethernet.ts';
