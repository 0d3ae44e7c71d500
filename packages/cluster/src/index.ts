export * from './command.ts';
export * from './first-state.ts';
export * from './state.ts';
