import {readdirSync, readFileSync, statSync} from 'node:fs';

/** Marks every process that builds or changes a laboratory, so that those outside its namespaces are found too. */
export const labVariable = 'TACOPLEX_LAB';

/** A process that no later process with the same number can be taken for. */
export type ProcessName = {readonly pid: number; readonly startTicks: string};

/** Name a process; undefined if there is none with this number. */
export function nameProcess(pid: number): ProcessName | undefined {
  const startTicks = statFields(pid)?.[19];
  return startTicks === undefined ? undefined : {pid, startTicks};
}

/** Name those that are still there. */
export function nameProcesses(pids: readonly number[]): ProcessName[] {
  return pids.map(nameProcess).filter(name => name !== undefined);
}

/** Whether a process still runs; one that only waits to be reaped does not. */
export function isAlive({pid, startTicks}: ProcessName): boolean {
  const fields = statFields(pid);
  return fields?.[19] === startTicks && !['Z', 'X'].includes(fields[0] ?? '');
}

/** The identity of the namespace behind a file such as `/run/netns/x` or `/proc/1/ns/net`; undefined if there is none. */
export function namespaceId(path: string): string | undefined {
  try {
    const {dev, ino} = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Processes whose namespace of a kind is one of `ids`. */
export function processesIn(kind: 'net' | 'pid', ids: ReadonlySet<string>): number[] {
  return allProcesses().filter(pid => ids.has(namespaceId(`/proc/${pid}/ns/${kind}`) ?? ''));
}

/** Processes that were started with a variable in their environment, or by one that was. */
export function processesWith(variable: string, value: string): number[] {
  return allProcesses().filter(pid => read(pid, 'environ').split('\0').includes(`${variable}=${value}`));
}

/** The process that started another; undefined if that is gone. */
export function parentOf(pid: number): number | undefined {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

export function childrenOf(parent: number): number[] {
  return allProcesses().filter(pid => parentOf(pid) === parent);
}

/** The number a process has in its own PID namespace. */
export function innerPid(pid: number): number | undefined {
  const inner = /^NSpid:.*\t(\d+)$/m.exec(read(pid, 'status'))?.[1];
  return inner === undefined ? undefined : Number(inner);
}

export function programOf(pid: number): string {
  return read(pid, 'comm').trim();
}

/** Send a signal; false if the process is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function allProcesses(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0);
}

/** The fields of /proc/PID/stat behind the name: state, parent, … The start time is number 19 of these. */
function statFields(pid: number): string[] | undefined {
  const stat = read(pid, 'stat');
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // Gone
  }
}
