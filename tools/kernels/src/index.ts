export * from './read-console.ts';
