import {setTimeout as pause} from 'node:timers/promises';
import type {Bench, RunOptions, Target} from './bench.ts';
import {type Deed, deedNamed, deeds} from './carry-deeds.ts';
import {openCluster} from './failover-cluster.ts';
import {monotonicMs} from './failover-probe.ts';
import {drawPhase, findGateway, findHolder, type Stage} from './failover-stage.ts';
import {formatColumns} from './format-rows.ts';
import {untilInterrupted} from './interruption.ts';
import {needRoot} from './need-root.ts';
import {drawFrom} from './random.ts';
import {readNames, readRuns} from './read-plan.ts';
import {summarize} from './statistics.ts';

/** One deed, one sample for each of its runs in all lists. */
export type DeedFigures = {
  /** From the deed to the last echo that was lost; 0: none was. */
  readonly lossMs: readonly number[];
  readonly median: number;
  readonly worst: number;
  /** Echoes that were never answered, one a millisecond. */
  readonly lost: readonly number[];
  readonly victims: readonly string[];
};

export type CarryFigures = {readonly seed: number; readonly deeds: Readonly<Record<string, DeedFigures>>};

const defaultRuns = 20;
const seed = 20_011_105;

/** Longer than the lease of a data path. */
const enduredMs = 2500;

/** Whoever did not carry counts again after 2 s. */
const recoveredMs = 3500;

const beforeMs = 100;
const phaseMs = 1000;

export const carryBench: Bench<CarryFigures> = {
  name: 'carry',
  summary: 'how long echoes are lost when a leveler lives, but carries nothing any more',
  options: [
    {flags: '--runs <number>', help: `runs of each deed (default: ${defaultRuns}; --quick: 1)`},
    {flags: '--deeds <names>', help: `with commas between them, of: ${deeds.map(({name}) => name).join(' ')}`},
    {flags: '--seed <number>', help: 'draws the phase in which each deed comes', fallback: String(seed)},
  ],
  run: runCarry,
  print: printCarry,
  targets: ({deeds: all}) => Object.entries(all).flatMap(([name, figures]) => targetsOf(name, figures)),
};

/** @throws ConfigError USAGE */
export function planDeeds({quick, own: {runs, deeds: names}}: Pick<RunOptions, 'quick' | 'own'>): {
  readonly chosen: readonly Deed[];
  readonly runs: number;
} {
  const wanted = readNames(
    'deeds',
    names,
    deeds.map(({name}) => name),
  );
  return {
    chosen: deeds.filter(({name}) => wanted?.includes(name) ?? true),
    runs: readRuns(runs) ?? (quick ? 1 : defaultRuns),
  };
}

async function runCarry(options: RunOptions): Promise<CarryFigures> {
  const plan = planDeeds(options);
  needRoot();
  const drawn = Number(options.own.seed);
  const found = await untilInterrupted(async signal => {
    const stage = await openCluster(3, drawFrom(drawn), signal);
    try {
      return await playAll(stage, plan, options.progress);
    } finally {
      await stage.close();
    }
  });
  return {seed: drawn, deeds: Object.fromEntries(found)};
}

async function playAll(
  stage: Stage,
  {chosen, runs}: ReturnType<typeof planDeeds>,
  progress: RunOptions['progress'],
): Promise<[string, DeedFigures][]> {
  const found: [string, DeedFigures][] = [];
  const total = chosen.length * runs;
  for (const [index, deed] of chosen.entries()) {
    const played: Played[] = [];
    for (let number = 0; number < runs; number++) {
      progress(index * runs + number, total, 'runs');
      await stage.untilReady();
      played.push(await play(stage, deed));
    }

    found.push([deed.name, figuresOf(played)]);
  }

  progress(total, total, 'runs');
  return found;
}

type Played = {readonly lossMs: number; readonly lost: number; readonly victim: string};

async function play(stage: Stage, deed: Deed): Promise<Played> {
  const {lab, probe, signal} = stage;
  const victim = await (deed.of === 'LevIP' ? findHolder(stage) : findGateway(stage));
  await drawPhase(stage, phaseMs);
  const deedMs = monotonicMs();
  const undo = await deed.do(lab, victim);
  try {
    await pause(enduredMs, undefined, {signal});
    const toMs = await probe.untilSteady(monotonicMs());
    const {lost, answeredMs} = await probe.examine({fromMs: deedMs - beforeMs, toMs});
    return {lossMs: lost === 0 ? 0 : Math.max(0, answeredMs - deedMs), lost, victim};
  } finally {
    await undo();
    await pause(recoveredMs, undefined, {signal});
  }
}

function figuresOf(played: readonly Played[]): DeedFigures {
  const {samples: lossMs, median, worst} = summarize(played.map(one => one.lossMs));
  return {lossMs, median, worst, lost: played.map(({lost}) => lost), victims: played.map(({victim}) => victim)};
}

function targetsOf(name: string, {median, worst}: DeedFigures): Target[] {
  const {medianMs, worstMs} = deedNamed(name).allowed;
  const atMost = (what: string, value: number, limit: number): Target => ({
    what: `${name}: ${what} <= ${limit} ms`,
    value,
    met: value <= limit,
  });
  return [atMost('median', median, medianMs), atMost('worst', worst, worstMs)];
}

function printCarry({deeds: all, seed: drawn}: CarryFigures): string {
  const ms = (value: number): string => value.toFixed(0);
  const rows = Object.entries(all).map(([name, {lossMs, median, worst, lost}]) => [
    name,
    String(lossMs.length),
    ms(median),
    ms(worst),
    String(Math.max(...lost)),
  ]);
  return [
    formatColumns([['from the deed to the last lost echo, ms', 'runs', 'median', 'worst', 'most lost'], ...rows]),
    '',
    `one echo a millisecond; done to whom it matters: the holder of the LevIP, or of the gateway; seed ${drawn}`,
  ].join('\n');
}
