export * from './catalogue.ts';
export * from './cluster.ts';
export * from './fault.ts';
export * from './run-fault.ts';
export * from './stage.ts';
export * from './verdict.ts';
