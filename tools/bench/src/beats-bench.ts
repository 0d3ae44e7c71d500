import {priorityOf, processUnits} from '@tacoplex/units';
import {amongHogs} from './among-hogs.ts';
import {BeatsStage, type Priority} from './beats-stage.ts';
import type {Bench, RunOptions} from './bench.ts';
import {formatColumns} from './format-rows.ts';
import {untilInterrupted} from './interruption.ts';
import {quantile, type Statistics, summarize} from './statistics.ts';

const levelers = 3;
const hogs = 8;
const suspectMs = 150;
const wanted = 0.999;

export type BeatsCase = {
  readonly name: 'calm' | 'busy' | 'busy-unprivileged';
  /** Processes that do nothing but compute, at the priority that everybody has. */
  readonly hogs: number;
  /** Whether the electors were given the priority that `tools/units` has for them. */
  readonly priority: 'as installed' | 'none';
  /** Between two beats of one leveler on net B, ms. */
  readonly gapMs: Statistics;
  /** Part of the gaps that are no longer than 150 ms, 0..1. */
  readonly inTime: number;
};

export type BeatsFigures = {readonly levelers: number; readonly cases: readonly BeatsCase[]};

export const beatsBench: Bench<BeatsFigures> = {
  name: 'beats',
  summary: 'how far apart the beats of real electors are on the wire, with all processors busy',
  run: async ({quick, progress}) => untilInterrupted(async signal => runBeats(quick, progress, signal)),
  print: printBeats,
  targets: ({cases}) =>
    cases
      .filter(({name}) => name !== 'busy-unprivileged')
      .map(({name, inTime}) => ({
        what: `${name}: 99.9 % of beats at most ${suspectMs} ms apart`,
        value: inTime,
        met: inTime >= wanted,
      })),
};

async function runBeats(quick: boolean, progress: RunOptions['progress'], signal: AbortSignal): Promise<BeatsFigures> {
  const seconds = quick ? {calm: 4, busy: 8} : {calm: 60, busy: 120};
  const priority = processUnits.filter(({name}) => name === 'elector').flatMap(priorityOf);
  const stage = new BeatsStage(levelers);
  const measure = async (name: BeatsCase['name'], busy: number, ms: number, words: Priority): Promise<BeatsCase> => {
    progress(['calm', 'busy', 'busy-unprivileged'].indexOf(name), 3, 'cases');
    const gaps = await amongHogs({count: busy}, async () => stage.listen(ms, signal));
    return {
      name,
      hogs: busy,
      priority: words.length === 0 ? 'none' : 'as installed',
      gapMs: summarize(gaps),
      inTime: partInTime(gaps),
    };
  };

  try {
    await stage.start(priority);
    const calm = await measure('calm', 0, seconds.calm * 1000, priority);
    const busy = await measure('busy', hogs, seconds.busy * 1000, priority);
    await stage.stop();
    await stage.start([]);
    const plain = await measure('busy-unprivileged', hogs, seconds.calm * 1000, []);
    progress(3, 3, 'cases');
    return {levelers, cases: [calm, busy, plain]};
  } finally {
    await stage.close();
  }
}

function partInTime(gaps: readonly number[]): number {
  return gaps.filter(gap => gap <= suspectMs).length / gaps.length;
}

function printBeats({levelers: count, cases}: BeatsFigures): string {
  const rows = cases.map(({name, hogs: busy, priority, gapMs, inTime}) => [
    name,
    String(busy),
    priority,
    String(gapMs.samples.length),
    ...[gapMs.median, gapMs.p99, quantile(sorted(gapMs.samples), wanted), gapMs.worst].map(ms => ms.toFixed(1)),
    `${(100 * inTime).toFixed(2)} %`,
  ]);
  const head = ['case', 'hogs', 'priority', 'gaps', 'median', '99 %', '99.9 %', 'worst', `<= ${suspectMs} ms`];
  return `Gaps between the beats of ${count} electors on net B, ms\n\n${formatColumns([head, ...rows])}`;
}

function sorted(samples: readonly number[]): number[] {
  return [...samples].sort((one, other) => one - other);
}
