export {type Affinity, affinityCodes} from './affinity.ts';
export * from './bin-tables.ts';
export {decide} from './decide.ts';
export * from './decide-fragment.ts';
export * from './decision.ts';
export {keyBytes} from './flow-key.ts';
export * from './fragment-memory.ts';
export {fragmentKeyWords, writeFragmentKey} from './fragment-table.ts';
export * from './held-fragments.ts';
export * from './image.ts';
export {
  addressRecord,
  anyFragment,
  imageBytes,
  maxGroups,
  maxServices,
  serviceRecord,
  slotRecord,
} from './image-layout.ts';
export type {Packet} from './packet.ts';
export * from './reasons.ts';
export * from './rewrite.ts';
export {littleEndianWords, sipHash} from './sip-hash.ts';
export {isTrial} from './trial.ts';
export {writeImage, writeServer} from './write-image.ts';
