import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {arch, cpus, loadavg, release, totalmem} from 'node:os';

/** Where and on what a bench ran. */
export type Machine = {
  readonly machine: {
    readonly cpu: string;
    readonly cpuCount: number;
    readonly architecture: string;
    readonly memoryMiB: number;
    /** Over the last minute, when the bench began: others that ran beside it. */
    readonly load: number;
  };
  readonly kernel: string;
  readonly versions: {
    readonly tacoplex: string;
    /** Of the sources; `+` behind it: they were changed since. Empty where there is no git. */
    readonly commit: string;
    readonly node: string;
    readonly v8: string;
  };
  /** When it ended, ISO 8601, UTC. */
  readonly at: string;
};

export function describeMachine(): Omit<Machine, 'at'> {
  return {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cpuCount: cpus().length,
      architecture: arch(),
      memoryMiB: Math.round(totalmem() / 2 ** 20),
      load: loadavg()[0] ?? 0,
    },
    kernel: release(),
    versions: {
      tacoplex: readVersion(),
      commit: readCommit(),
      node: process.version,
      v8: process.versions.v8,
    },
  };
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as {version: string}).version;
}

function readCommit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty=+', '--exclude=*'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
