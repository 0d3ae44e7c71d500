import {readFileSync} from 'node:fs';

/** What a process has used of its machine. */
export type Usage = {
  /** Processor time of all its threads since it began, those that have ended too, s. */
  readonly cpuS: number;
  /** Resident memory, pages that other processes map too included, MiB. */
  readonly rssMiB: number;
  /** The same with each shared page divided among those that map it, MiB. */
  readonly pssMiB: number;
};

const ticksPerSecond = 100; // USER_HZ, the same on all machines that Node runs on

/** @throws Error if there is no such process */
export function usageOf(pid: number): Usage {
  const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  return {
    cpuS: cpuOf(read('stat')),
    rssMiB: mebibytesOf(read('smaps_rollup'), 'Rss'),
    pssMiB: mebibytesOf(read('smaps_rollup'), 'Pss'),
  };
}

/** User and system time of `/proc/PID/stat`, s. The second field may hold spaces and parentheses. @see proc_pid_stat(5) */
export function cpuOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userAt, systemAt] = [11, 12];
  return (Number(fields[userAt]) + Number(fields[systemAt])) / ticksPerSecond;
}

/** A field of `/proc/PID/smaps_rollup`, MiB. @throws RangeError if it is not there */
export function mebibytesOf(rollup: string, name: string): number {
  const [, kibibytes] = new RegExp(`^${name}: *(\\d+) kB$`, 'm').exec(rollup) ?? [];
  if (kibibytes === undefined) {
    throw new RangeError(`smaps_rollup has no ${name}`);
  }

  return Number(kibibytes) / 1024;
}
