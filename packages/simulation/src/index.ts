export * from './chance.ts';
export * from './invariants.ts';
export * from './simulation.ts';
export * from './toy-content.ts';
export * from './trouble.ts';
