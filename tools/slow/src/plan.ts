import type {Quota} from './quota.ts';

/** Where a group for a command is made. */
export type Place =
  | {
      readonly version: 1;
      /** Folders of this process's own groups. */
      readonly cpu: string;
      readonly cpuacct: string | undefined;
      readonly cpuset:
        | {readonly folder: string /** Memory nodes, as the kernel lists them. */; readonly mems: string}
        | undefined;
      /** The kernel gives real-time threads of each group a budget (CONFIG_RT_GROUP_SCHED). */
      readonly hasRealTime: boolean;
    }
  | {
      readonly version: 2;
      readonly folder: string;
      /** What the group above must be told to hand on; may be empty. */
      readonly enable: string;
      readonly hasCpuset: boolean;
    };

export interface Write {
  readonly file: string;
  readonly text: string;
}

/** All that is done to the file system of control groups, as absolute paths. */
export interface Plan {
  /** To be made in this order, and removed in the reverse one. */
  readonly folders: readonly string[];
  /** To be written in this order. */
  readonly writes: readonly Write[];
  /** What gives real-time threads their budget, most first: the first one that the kernel takes counts. */
  readonly realTime: readonly Write[];
  /** Before the group is removed: what lets its processes end at once, and hands the budgets back. */
  readonly lift: readonly Write[];
  /** A process that writes 0 to each of them is in the group. */
  readonly join: readonly string[];
  /** It runs on the quota's CPUs alone. */
  readonly isPinned: boolean;
  readonly usage: {readonly stat: string; readonly cpuacct: string | undefined};
}

/** The kernel keeps the rest of each second for all others (`sched_rt_runtime_us`). */
const mostRealTime = 0.95;

/**
 * The files that put a command within a quota. Two controllers: `cpu` counts what ordinary threads use. Real-time threads it counts
 * apart where the kernel has CONFIG_RT_GROUP_SCHED, and not at all elsewhere; so `cpuset` leaves the command no more CPUs than
 * the quota takes, which bounds every kind of thread.
 *
 * @param name of the group
 */
export function planGroup(place: Place, name: string, quota: Quota): Plan {
  return place.version === 1 ? planFirst(place, name, quota) : planSecond(place, name, quota);
}

function planFirst(place: Extract<Place, {version: 1}>, name: string, quota: Quota): Plan {
  const {cpus, cpuNumbers, periodUs} = quota;
  const cpu = `${place.cpu}/${name}`;
  const cpuacct = place.cpuacct && `${place.cpuacct}/${name}`;
  const cpuset = place.cpuset && `${place.cpuset.folder}/${name}`;
  const folders = [...new Set([cpu, cpuacct, cpuset].filter(folder => folder !== undefined))];
  const runtimeUs = Math.floor(periodUs * Math.min(mostRealTime, cpus / cpuNumbers.length));
  return {
    folders,
    writes: [
      {file: `${cpu}/cpu.cfs_period_us`, text: `${periodUs}`},
      {file: `${cpu}/cpu.cfs_quota_us`, text: `${Math.round(periodUs * cpus)}`},
      ...(place.cpuset
        ? [
            {file: `${cpuset}/cpuset.cpus`, text: cpuNumbers.join(',')},
            {file: `${cpuset}/cpuset.mems`, text: place.cpuset.mems},
          ]
        : []),
      ...(place.hasRealTime ? [{file: `${cpu}/cpu.rt_period_us`, text: `${periodUs}`}] : []),
    ],
    realTime: place.hasRealTime
      ? [1, 2, 4, 8].map(part => ({file: `${cpu}/cpu.rt_runtime_us`, text: `${Math.floor(runtimeUs / part)}`}))
      : [],
    lift: [{file: `${cpu}/cpu.cfs_quota_us`, text: '-1'}],
    isPinned: place.cpuset !== undefined,
    join: folders.map(folder => `${folder}/cgroup.procs`),
    usage: {stat: `${cpu}/cpu.stat`, cpuacct: cpuacct && `${cpuacct}/cpuacct.usage`},
  };
}

/** The processes live a level below the limits: so a command may put a part of itself within a smaller quota. */
function planSecond(place: Extract<Place, {version: 2}>, name: string, quota: Quota): Plan {
  const group = `${place.folder}/${name}`;
  const leaf = `${group}/command`;
  return {
    folders: [group, leaf],
    writes: [
      {file: `${group}/cpu.max`, text: `${Math.round(quota.periodUs * quota.cpus)} ${quota.periodUs}`},
      ...(place.hasCpuset ? [{file: `${group}/cpuset.cpus`, text: quota.cpuNumbers.join(',')}] : []),
    ],
    realTime: [],
    lift: [{file: `${group}/cpu.max`, text: 'max'}],
    isPinned: place.hasCpuset,
    join: [`${leaf}/cgroup.procs`],
    usage: {stat: `${group}/cpu.stat`, cpuacct: undefined},
  };
}
