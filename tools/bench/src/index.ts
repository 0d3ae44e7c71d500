export {amongHogs, type Hogs} from './among-hogs.ts';
export type {Bench, BenchOption, Document, RunOptions, Target} from './bench.ts';
export {type Deed, deedNamed} from './carry-deeds.ts';
export {formatColumns} from './format-rows.ts';
export {Interruption, untilInterrupted} from './interruption.ts';
export {describeMachine, type Machine} from './machine.ts';
export {type Draw, drawFrom} from './random.ts';
export {type Statistics, summarize} from './statistics.ts';
