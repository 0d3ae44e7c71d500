export {type Affinity, affinityCodes} from './affinity.ts';
export * from './decide.ts';
export * from './decision.ts';
export * from './image.ts';
export {imageBytes, maxGroups, maxServices} from './image-layout.ts';
export * from './reasons.ts';
export * from './rewrite.ts';
export {writeImage, writeServer} from './write-image.ts';
