import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import {dirname} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';
import {chooseParent, findHierarchies, type Hierarchies} from './hierarchies.ts';
import type {Place, Plan, Write} from './plan.ts';
import {parseUsage, type Usage} from './usage.ts';

/** What is killed is gone within this, or stuck in the kernel. */
const killMs = 10_000;
const retryMs = 20;
const namePrefix = 'tacoplex-slow-';

/** What this process finds out before it knows the quota. */
export interface Found {
  readonly place: Place;
  /** The CPUs that it may run on, as the kernel lists them. */
  readonly cpuList: string;
}

/** @throws WorldError if this machine, container or user has no cpu controller */
export function findPlace(): Found {
  const hierarchies = findHierarchies(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
  if (hierarchies === undefined) {
    throw refused('no control groups are mounted; type: mount -t cgroup2 none /sys/fs/cgroup', 'find', 'ENOENT');
  }

  const cpuList = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status'))?.[1] ?? '0';
  const place = hierarchies.version === 1 ? placeOfFirst(hierarchies) : placeOfSecond(hierarchies);
  return {place, cpuList};
}

/** The name of this process's group. */
export function groupName(): string {
  return `${namePrefix}${process.pid}`;
}

/**
 * @returns what real-time threads may use, in microseconds a period; undefined if the kernel does not count them
 * @throws WorldError with what to do, if the kernel refuses; nothing is left then
 */
export function makeGroup(place: Place, plan: Plan): number | undefined {
  for (const parent of new Set(plan.folders.map(dirname))) {
    sweep(parent);
  }

  try {
    if (place.version === 2 && place.enable !== '') {
      writeFileSync(`${place.folder}/cgroup.subtree_control`, place.enable);
    }

    plan.folders.forEach(folder => void mkdirSync(folder));
    plan.writes.forEach(({file, text}) => void writeFileSync(file, text));
  } catch (cause) {
    plan.folders.toReversed().forEach(removeEmpty);
    throw explain(cause as NodeJS.ErrnoException);
  }

  return plan.realTime.length === 0 ? undefined : Number(plan.realTime.find(tryWrite)?.text ?? 0);
}

/** Kills what is left in the group, and removes it. @returns what all of it has used @throws WorldError if it cannot be removed */
export async function removeGroup(plan: Plan): Promise<Usage> {
  plan.lift.forEach(tryWrite);
  const deadline = performance.now() + killMs;
  for (let left = listProcesses(plan.folders); left.length > 0; left = listProcesses(plan.folders)) {
    if (performance.now() > deadline) {
      throw refused(`processes ${left.join(' ')} do not end; they are in ${plan.folders.join(' ')}`, 'kill', 'EBUSY');
    }

    left.forEach(kill);
    await sleep(retryMs);
  }

  const {stat, cpuacct} = plan.usage;
  const usage = parseUsage(read(stat), cpuacct && read(cpuacct));
  // The kernel frees a removed group some time later; what it had reserved for real time it hands back at once.
  plan.realTime.slice(0, 1).forEach(({file}) => void tryWrite({file, text: '0'}));
  let rest = plan.folders;
  for (; rest.length > 0 && performance.now() < deadline; await sleep(rest.length > 0 ? retryMs : 0)) {
    rest = rest
      .toReversed()
      .filter(folder => !removeEmpty(folder))
      .toReversed();
  }

  if (rest.length > 0) {
    throw refused(`cannot remove ${rest.join(' ')}; type: rmdir ${rest.toReversed().join(' ')}`, 'rmdir', 'EBUSY');
  }

  return usage;
}

function placeOfFirst({cpu, cpuacct, cpuset}: Extract<Hierarchies, {version: 1}>): Place {
  return {
    version: 1,
    cpu,
    cpuacct,
    cpuset: cpuset === undefined ? undefined : {folder: cpuset, mems: read(`${cpuset}/cpuset.mems`).trim()},
    hasRealTime: existsSync(`${cpu}/cpu.rt_runtime_us`),
  };
}

function placeOfSecond({groups}: Extract<Hierarchies, {version: 2}>): Place {
  const parent = chooseParent(
    groups.map(folder => ({
      folder,
      controllers: words(`${folder}/cgroup.controllers`),
      enabled: words(`${folder}/cgroup.subtree_control`),
      // The very first group has no type.
      mayEnable: !existsSync(`${folder}/cgroup.type`) || words(`${folder}/cgroup.procs`).length === 0,
    })),
  );
  if (parent === undefined) {
    const top = groups.at(-1);
    throw refused(
      `no group above this process can hand the cpu controller on: see ${top}/cgroup.controllers; in a container, start it with a writable control group of its own`,
      'find',
      'ENOENT',
    );
  }

  return {version: 2, ...parent};
}

function explain(cause: NodeJS.ErrnoException): WorldError {
  const {code = 'EIO', path = 'the control groups', syscall = 'write'} = cause;
  const advice: Readonly<Record<string, string>> = {
    EACCES: 'type it as root',
    EPERM: 'type it as root',
    EROFS: 'this container may not write its control groups: start it with them writable, or use the machine itself',
    EINVAL: 'the group above has less than this quota: ask for less',
    ENOENT: 'this kernel has no bandwidth control (CONFIG_CFS_BANDWIDTH)',
    EBUSY: 'the group above is full of processes',
  };
  return refused(`cannot ${syscall} ${path}: ${code}; ${advice[code] ?? 'see dmesg'}`, syscall, code);
}

function refused(message: string, operation: string, errno: string): WorldError {
  return new WorldError(message, {code: 'KERNEL_REFUSED', operation, errno});
}

/** A group whose maker was killed stays behind, empty once its processes have ended. */
function sweep(parent: string): void {
  for (const name of list(parent)) {
    const pid = Number(name.startsWith(namePrefix) ? name.slice(namePrefix.length) : Number.NaN);
    if (pid > 0 && !existsSync(`/proc/${pid}`)) {
      tryWrite({file: `${parent}/${name}/cpu.rt_runtime_us`, text: '0'});
      removeEmpty(`${parent}/${name}`);
    }
  }
}

/** @returns whether it is gone; what the command left inside goes first */
function removeEmpty(folder: string): boolean {
  list(folder).forEach(name => void removeEmpty(`${folder}/${name}`));
  try {
    rmdirSync(folder);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }

  return true;
}

/** Of the folders and of the groups that the command made inside. */
function listProcesses(folders: readonly string[]): number[] {
  const all = folders.flatMap(folder => [
    ...words(`${folder}/cgroup.procs`).map(Number),
    ...listProcesses(list(folder).map(name => `${folder}/${name}`)),
  ]);
  return [...new Set(all)].filter(pid => pid > 0);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself
  }
}

function tryWrite({file, text}: Write): boolean {
  try {
    accessSync(file, constants.W_OK); // Writing must not make it
    writeFileSync(file, text);
    return true;
  } catch {
    return false;
  }
}

function words(file: string): string[] {
  try {
    return read(file)
      .split(/\s+/)
      .filter(word => word !== '');
  } catch {
    return [];
  }
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, {withFileTypes: true})
      .filter(entry => entry.isDirectory())
      .map(({name}) => name);
  } catch {
    return [];
  }
}
