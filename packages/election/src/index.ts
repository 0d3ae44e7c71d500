export * from './beat.ts';
export {echoFor} from './beating.ts';
export {birthWaitMs} from './birth.ts';
export {type Caretaking, caretakings, noCharge} from './charge.ts';
export * from './election.ts';
export {type Disk, firstState, isSound} from './first-state.ts';
export type {Hearing, Hears} from './hears.ts';
export {strongest} from './lineage.ts';
export {type Glimpse, glimpseOf, hasNews} from './news.ts';
export {wakeAtMs} from './passing.ts';
export {Peers} from './peers.ts';
export {step} from './step.ts';
export {Assembler, cut, firstWindow, Outbox, type Transfer} from './transfer.ts';
export {
  type Carried,
  type Content,
  isMember,
  type Member,
  majorityOf,
  type ShownKeys,
  type Stamp,
  sameStamp,
  type Value,
} from './value.ts';
export {mayForward, successorsOf, type View, type ViewedPeer, viewOf} from './view.ts';
