export * from './addresses.ts';
export * from './bytes.ts';
export * from './identifiers.ts';
export * from './leveler-id.ts';
export * from './trials.ts';
export * from './uses.ts';
export * from './version.ts';
