export * from './clients.ts';
export * from './probe.ts';
export * from './status.ts';
export * from './tally.ts';
