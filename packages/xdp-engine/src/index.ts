export * from './choice.ts';
export type {CounterArrays, Side} from './counters.ts';
export * from './engine.ts';
export * from './object-files.ts';
export * from './replica.ts';
export * from './twins.ts';
