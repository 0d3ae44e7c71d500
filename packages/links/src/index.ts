export * from './interfaces.ts';
export * from './multicast-socket.ts';
export * from './offloads.ts';
export * from './watch-links.ts';
