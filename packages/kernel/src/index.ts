export * from './bpf-map.ts';
export * from './bpf-object.ts';
export * from './bpffs.ts';
export * from './capabilities.ts';
export * from './machine.ts';
export * from './mapped-memory.ts';
export * from './test-run.ts';
export * from './xdp-link.ts';
