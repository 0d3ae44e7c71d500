export * from './cluster.ts';
export * from './faults.ts';
export * from './http.ts';
export * from './layouts.ts';
export * from './stage.ts';
