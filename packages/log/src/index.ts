export * from './log.ts';
export * from './repeats.ts';
export * from './stderr.ts';
