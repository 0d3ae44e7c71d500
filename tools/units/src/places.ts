/** Where a leveler keeps what belongs to it. The same paths in production and inside each leveler of the laboratory. */
export const places = {
  program: '/opt/tacoplex',
  config: '/etc/tacoplex/taco.toml',
  run: '/run/tacoplex',
  state: '/var/lib/tacoplex',
  logs: '/var/log/tacoplex',
  bpf: '/sys/fs/bpf/tacoplex',
} as const;

/** What runs a process: through env, since Node is not in the same place everywhere. */
export function commandOf(name: string): string {
  return `/usr/bin/env node ${places.program}/packages/${name}/dist/src/main.js -f ${places.config}`;
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
