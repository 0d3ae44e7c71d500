export type {Bench, BenchOption, Document, RunOptions, Target} from './bench.ts';
