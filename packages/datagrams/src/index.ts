export * from './beat.ts';
export {BeatRecall} from './beat-recall.ts';
export * from './datagram.ts';
export * from './message.ts';
export * from './sizes.ts';
