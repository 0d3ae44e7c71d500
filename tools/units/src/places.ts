import {supervisedVariable} from '@tacoplex/daemon';

/** Whom all processes run as, and its group, which may use `taco`. */
export const account = 'tacoplex';

/** Where a leveler keeps what belongs to it. The same paths in production and inside each leveler of the laboratory. */
export const places = {
  program: '/opt/tacoplex',
  config: '/etc/tacoplex/taco.toml',
  key: '/etc/tacoplex/cluster.key',
  run: '/run/tacoplex',
  state: '/var/lib/tacoplex',
  logs: '/var/log/tacoplex',
  bpf: '/sys/fs/bpf/tacoplex',
} as const;

/**
 * V8 as small processes want it, which are idle most of the time: a young generation of 1 MiB, where it would grow to 16; no
 * helper threads that wake up for each of its collections (in real time, on one processor, they would never run); one thread
 * that compiles; what is compiled kept small; and nothing optimised until a process has been loaded, which then allows it.
 */
const heapWords =
  '--max-semi-space-size=1 --single-threaded-gc --v8-pool-size=1 --optimize-for-size --max-optimized-bytecode-size=0';

/**
 * What stands in the environment of every process: one arena of the C library, and what is free goes back, but not the 64 KiB that
 * libuv takes for each datagram it reads: they went back and were asked for anew 140 times a second. @see mallopt(3)
 * And that it is started again whenever it ends, so that it waits before it ends for a wrong config.
 */
export const environment = {
  NODE_ENV: 'production',
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '196608',
  MALLOC_TOP_PAD_: '65536',
  [supervisedVariable]: 'yes',
} as const;

/** What runs a process: through env, since Node is not in the same place everywhere. */
export function commandOf(name: string): string {
  return `/usr/bin/env node ${heapWords} ${places.program}/packages/${name}/dist/bundle/main.js -f ${places.config}`;
}

/** The log of a process, whichever supervisor runs it. */
export function logOf(name: string): string {
  return `${places.logs}/${name}.log`;
}

/** First lines of every generated file. */
export const generatedHead = [
  '# Written by tools/units from its table of processes; do not edit.',
  '# After a change of the table: node tools/units/dist/src/main.js write',
];
