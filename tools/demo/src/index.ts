export * from './clients.ts';
export * from './probe.ts';
export * from './tally.ts';
