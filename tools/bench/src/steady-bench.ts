import type {Bench, Target} from './bench.ts';
import {formatColumns} from './format-rows.ts';
import {untilInterrupted} from './interruption.ts';
import {needRoot} from './need-root.ts';
import {type DeedName, deeds, type Plan} from './steady-deeds.ts';
import {runSteady, type SteadyPhase, type SteadyResult} from './steady-run.ts';

export type SteadyFigures = SteadyResult & {
  /** Asked of the sender. */
  readonly packetsPerSecond: number;
  readonly leaseMs: number;
};

const plans: Readonly<Record<'quick' | 'thorough', Plan>> = {
  quick: {quietMs: 3000, restarts: 1, tables: 100},
  thorough: {quietMs: 10_000, restarts: 5, tables: 100},
};
const packetsPerSecond = 50_000;
const leaseMs = 2000;
const leastPart = 0.95;
const names = deeds.map(({name}) => name);

/** A proof rather than a measurement: whatever is done to the data path, each numbered frame arrives once. */
export const steadyBench: Bench<SteadyFigures> = {
  name: 'datapath-steady',
  summary: `send ${packetsPerSecond} frames/s while the process is killed, replaced, fed and read, and count each`,
  run: async ({quick, progress}) => {
    needRoot();
    const plan = quick ? plans.quick : plans.thorough;
    const onPhase = (done: number, name: DeedName): void => progress(done, names.length, `phases, ${name}`);
    const result = await untilInterrupted(async signal =>
      runSteady({plan, packetsPerSecond, leaseMs, names, signal, onPhase}),
    );
    progress(names.length, names.length, '');
    return {packetsPerSecond, leaseMs, ...result};
  },
  print: printSteady,
  targets: ({phases}) => names.filter(name => name !== 'crowded').flatMap(name => targetsOf(name, phases[name])), // No machine is crowded like another
};

function targetsOf(name: DeedName, phase: SteadyPhase | undefined): Target[] {
  if (phase === undefined) {
    return [];
  }

  const {lost, repeated, offeredPerSecond} = phase;
  const least = leastPart * packetsPerSecond;
  return [
    {what: `${name}: 0 frames lost or repeated`, value: lost + repeated, met: lost + repeated === 0},
    {what: `${name}: at least ${least} frames/s offered`, value: offeredPerSecond, met: offeredPerSecond >= least},
  ];
}

function printSteady({phases, engine}: SteadyFigures): string {
  const head = ['', 'times', 'sent', 'per second', 'lost', 'repeated', 'dropped, by reason'];
  const rows = Object.entries(phases).map(([name, {times, sent, offeredPerSecond, lost, repeated, reasons}]) => [
    name,
    ...[times, sent, offeredPerSecond, lost, repeated].map(String),
    Object.entries(reasons)
      .map(([reason, count]) => `${reason}=${count}`)
      .join(' ') || '-',
  ]);
  return `${engine}\n\n${formatColumns([head, ...rows])}`;
}
