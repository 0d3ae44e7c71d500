export * from './log.ts';
export * from './stderr.ts';
