export {uninstallXdp} from './bring-up.ts';
export * from './choice.ts';
export {type CounterArrays, createCounterArrays, type Side} from './counters.ts';
export * from './engine.ts';
export * from './object-files.ts';
export * from './pinned-counters.ts';
export * from './replica.ts';
export type {SuccessionStep} from './succession.ts';
export * from './twins.ts';
