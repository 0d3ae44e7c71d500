export * from './announcing.ts';
export {claimsOf} from './claims.ts';
export {firstState} from './first-state.ts';
export {strangerLimit} from './hearing.ts';
export {neighbourLimit} from './neighbours.ts';
export {burstFrames, framesPerSecond} from './rate-limit.ts';
export * from './report.ts';
export {step} from './step.ts';
export * from './times.ts';
export {
  firstTrials,
  halves,
  hearTrial,
  type Trial,
  type Trials,
  type Tried,
  trialsAt,
  triedOf,
  tryPaths,
} from './trying.ts';
export {wakeAt} from './wake.ts';
