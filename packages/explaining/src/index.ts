export * from './build-flow.ts';
export * from './capture-error.ts';
export * from './compare.ts';
export * from './explainer.ts';
export * from './explanation.ts';
export * from './key-words.ts';
export * from './read-capture.ts';
export * from './wire.ts';
