import {setTimeout as pause} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';
import {
  type ClusterStatus,
  configureCluster,
  createLab,
  endFollowers,
  isWhole,
  type Lab,
  statusWith,
} from '@tacoplex/lab';
import {processUnits} from '@tacoplex/units';
import type {Bench, RunOptions} from './bench.ts';
import {formatColumns} from './format-rows.ts';
import {type Usage, usageOf} from './idle-usage.ts';
import {untilInterrupted} from './interruption.ts';

const levelers = 3;
const servers = 2;

/** What a leveler may cost when nothing is asked of it. */
const goals = {cpuPercent: 4, rssMiB: 260, startCpuS: 2} as const;

/** A mean of all levelers. */
export type IdleFigures = {
  /** Of one processor, at rest. */
  readonly cpuPercent: number;
  readonly rssMiB: number;
  /** With shared pages divided among those that map them. */
  readonly pssMiB: number;
  /** Processor time from the start of the process until its cluster was whole. */
  readonly startCpuS: number;
};

export type IdleDocument = {
  readonly levelers: number;
  /** How long the cluster was left alone, and then looked at, s. */
  readonly seconds: {readonly settling: number; readonly measured: number};
  readonly processes: Readonly<Record<string, IdleFigures>>;
  readonly total: IdleFigures;
};

export const idleBench: Bench<IdleDocument> = {
  name: 'idle',
  summary: 'what the processes of a leveler cost to start, and when nothing is asked of them',
  run: async ({quick, progress}) => untilInterrupted(async signal => measure(quick, progress, signal)),
  print: printIdle,
  targets: ({total}) =>
    (Object.keys(goals) as (keyof typeof goals)[]).map(name => ({
      what: `a leveler, ${name} <= ${goals[name]}`,
      value: total[name],
      met: total[name] <= goals[name],
    })),
};

type Sample = {readonly leveler: string; readonly name: string; readonly usage: Usage};

async function measure(quick: boolean, progress: RunOptions['progress'], signal: AbortSignal): Promise<IdleDocument> {
  const seconds = quick ? {settling: 15, measured: 15} : {settling: 120, measured: 60};
  const lab = await createLab({name: 'bench-idle', levelers, servers, dwellS: 0, signal});
  try {
    await untilWhole(lab, signal);
    const started = await sample(lab);
    await configureCluster(lab);
    await untilWhole(lab, signal);
    progress(1, 3, 'the cluster is whole, and settles');
    await pause(seconds.settling * 1000, undefined, {signal});
    const before = await sample(lab);
    const beganMs = performance.now();
    progress(2, 3, 'at rest');
    await pause(seconds.measured * 1000, undefined, {signal});
    const after = await sample(lab);
    const measuredS = (performance.now() - beganMs) / 1000;
    progress(3, 3, 'done');
    return {levelers, seconds, ...compare({started, before, after}, measuredS)};
  } finally {
    await lab.down();
  }
}

async function untilWhole(lab: Lab, signal: AbortSignal): Promise<void> {
  const names = lab.levelers.map(({name}) => name);
  const find = (status: ClusterStatus): boolean => status.engine?.digest === status.digest && isWhole(status, names);
  await statusWith(lab, names[0] ?? '', 'the cluster is whole', find, {signal});
  endFollowers(lab); // Nothing is asked of a leveler at rest
}

/** All processes of all levelers. @throws WorldError NO_ANSWER if one does not run */
async function sample(lab: Lab): Promise<Sample[]> {
  const wanted = lab.levelers.flatMap(({name: leveler}) => processUnits.map(({name}) => ({leveler, name})));
  return Promise.all(
    wanted.map(async ({leveler, name}) => {
      const pid = await lab.processPid(leveler, name);
      if (pid === undefined) {
        throw new WorldError(`${leveler}: ${name} does not run`, {code: 'NO_ANSWER', endpoint: name});
      }

      return {leveler, name, usage: usageOf(pid)};
    }),
  );
}

type Samples = Readonly<Record<'started' | 'before' | 'after', readonly Sample[]>>;

/** What the samples come to, by process and in all. */
export function compare(samples: Samples, measuredS: number): Pick<IdleDocument, 'processes' | 'total'> {
  const mean = (of: keyof Samples, name: string, field: keyof Usage): number => {
    const usages = samples[of].filter(one => one.name === name).map(({usage}) => usage[field]);
    return usages.reduce((sum, next) => sum + next, 0) / usages.length;
  };
  const names = [...new Set(samples.after.map(({name}) => name))];
  const processes = Object.fromEntries(
    names.map(name => [
      name,
      {
        cpuPercent: round((100 * (mean('after', name, 'cpuS') - mean('before', name, 'cpuS'))) / measuredS),
        rssMiB: round(mean('after', name, 'rssMiB')),
        pssMiB: round(mean('after', name, 'pssMiB')),
        startCpuS: round(mean('started', name, 'cpuS')),
      },
    ]),
  );
  const sum = (field: keyof IdleFigures): number =>
    round(Object.values(processes).reduce((all, figures) => all + figures[field], 0));
  const total = {
    cpuPercent: sum('cpuPercent'),
    rssMiB: sum('rssMiB'),
    pssMiB: sum('pssMiB'),
    startCpuS: sum('startCpuS'),
  };
  return {processes, total};
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function printIdle({seconds, processes, total}: IdleDocument): string {
  const rows = Object.entries({...processes, total}).map(([name, {cpuPercent, rssMiB, pssMiB, startCpuS}]) => [
    name,
    `${cpuPercent.toFixed(2)} %`,
    ...[rssMiB, pssMiB].map(mebibytes => mebibytes.toFixed(0)),
    startCpuS.toFixed(2),
  ]);
  const head = ['process', 'of a core', 'resident MiB', 'shared pages divided', 'CPU s to start'];
  return `A leveler at rest, mean of ${levelers}, over ${seconds.measured} s\n\n${formatColumns([head, ...rows])}`;
}
