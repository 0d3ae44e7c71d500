import type {Bench, RunOptions, Target} from './bench.ts';
import {type Case, cases, openStage, type StageName} from './failover-cases.ts';
import {keepalivedVersion} from './failover-keepalived.ts';
import type {Run, Stage} from './failover-stage.ts';
import {formatStages, mediansOf, roundStages, type Stages} from './failover-stages.ts';
import {formatColumns} from './format-rows.ts';
import {untilInterrupted} from './interruption.ts';
import {needRoot} from './need-root.ts';
import {drawFrom} from './random.ts';
import {readNames, readRuns} from './read-plan.ts';
import {summarize} from './statistics.ts';

/** One case, one sample for each of its runs in all lists. */
export type CaseFigures = {
  /** The longest time without an answered probe. */
  readonly gapMs: readonly number[];
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
  /** Probes that were never answered. */
  readonly lost: readonly number[];
  /** What was subtracted from each gap: the prober itself was held up. */
  readonly stalledMs: readonly number[];
  /** The slowest answer of each run. */
  readonly slowestMs: readonly number[];
  /** Which leveler it was done to. */
  readonly victims: readonly string[];
  /** Where the time of each run went, and the median of each stage; empty where nobody knows. */
  readonly stagesMs: readonly Stages[];
  readonly stagesMedianMs?: Stages | undefined;
  /** From the fault until an elector led again. Empty where no leader was killed. */
  readonly leaderAgainMs: readonly number[];
};

export type FailoverFigures = {
  readonly seed: number;
  readonly keepalived: string;
  readonly cases: Readonly<Record<string, CaseFigures>>;
};

const defaultRuns = 20;
const seed = 20_011_105;

export const failoverBench: Bench<FailoverFigures> = {
  name: 'failover',
  summary: 'how long clients hear nothing when a leveler fails, one probe a millisecond, keepalived beside',
  options: [
    {flags: '--runs <number>', help: `runs of each case (default: ${defaultRuns})`},
    {flags: '--cases <names>', help: `with commas between them, of: ${cases.map(({name}) => name).join(' ')}`},
    {flags: '--seed <number>', help: 'draws the phase in which each fault comes', fallback: String(seed)},
  ],
  run: runFailover,
  print: printFailover,
  targets: ({cases: all}) => Object.entries(all).flatMap(([name, figures]) => targetsOf(name, figures)),
};

type Plan = readonly {readonly chosen: Case; readonly runs: number}[];

/** @throws ConfigError USAGE */
export function planRuns({quick, own: {runs, cases: names}}: Pick<RunOptions, 'quick' | 'own'>): Plan {
  const asked = readRuns(runs);
  const wanted = readNames(
    'cases',
    names,
    cases.map(({name}) => name),
  );
  const count = ({quickRuns}: Case): number => {
    const few = wanted === undefined ? quickRuns : Math.max(1, quickRuns);
    return asked ?? (quick ? few : defaultRuns);
  };
  return cases
    .filter(({name, quickRuns}) => wanted?.includes(name) ?? (!quick || quickRuns > 0))
    .map(chosen => ({chosen, runs: count(chosen)}));
}

async function runFailover(options: RunOptions): Promise<FailoverFigures> {
  const plan = planRuns(options);
  needRoot();
  const found = await untilInterrupted(async signal => playAll(plan, options, signal));
  return {
    seed: Number(options.own.seed),
    keepalived: keepalivedVersion(),
    cases: Object.fromEntries([...found].map(([name, runs]) => [name, figuresOf(runs)])),
  };
}

async function playAll(plan: Plan, options: RunOptions, signal: AbortSignal): Promise<Map<string, Run[]>> {
  const found = new Map<string, Run[]>();
  const draw = drawFrom(Number(options.own.seed));
  const total = plan.reduce((sum, {runs}) => sum + runs, 0);
  let done = 0;
  const progress = (): void => options.progress(done++, total, 'runs');
  let closing = Promise.resolve();
  try {
    for (const name of new Set(plan.map(({chosen}) => chosen.stage))) {
      const stage = await openStage(name, draw, signal); // While the one before is taken down, and nothing is measured
      try {
        await closing;
        await playStage(name, stage, plan, found, progress);
      } finally {
        closing = stage.close();
        closing.catch(() => {}); // Told when it is waited for
      }
    }
  } finally {
    await closing;
  }

  options.progress(total, total, 'runs');
  return found;
}

async function playStage(
  name: StageName,
  stage: Stage,
  plan: Plan,
  found: Map<string, Run[]>,
  progress: () => void,
): Promise<void> {
  let darkened: string | undefined;
  for (const {chosen, runs} of plan.filter(({chosen: {stage: wanted}}) => wanted === name)) {
    for (let number = 0; number < runs; number++) {
      progress();
      if (darkened !== undefined) {
        await stage.revive(darkened);
      }

      await stage.untilReady();
      const run = await chosen.run(stage);
      darkened = run.isDark ? run.victim : undefined;
      found.set(chosen.name, [...(found.get(chosen.name) ?? []), run]);
    }
  }
}

function figuresOf(runs: readonly Run[]): CaseFigures {
  const {samples: gapMs, ...spread} = summarize(runs.map(run => run.gapMs));
  const stagesMs = runs.flatMap(({stages}) => (stages === undefined ? [] : [roundStages(stages)]));
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    gapMs,
    ...spread,
    lost: runs.map(({lost}) => lost),
    stalledMs: runs.map(({stalledMs}) => round(stalledMs)),
    slowestMs: runs.map(({slowestMs}) => round(slowestMs)),
    victims: runs.map(({victim}) => victim),
    stagesMs,
    stagesMedianMs: mediansOf(stagesMs),
    leaderAgainMs: runs.flatMap(({leaderAgainMs}) => (leaderAgainMs === undefined ? [] : [round(leaderAgainMs)])),
  };
}

const allowed = {medianMs: 150, worstMs: 300, leaderMs: 300};

function targetsOf(name: string, {median, worst, lost, leaderAgainMs}: CaseFigures): Target[] {
  const atMost = (what: string, value: number, limit: number): Target => ({
    what: `${name}: ${what} <= ${limit} ms`,
    value,
    met: value <= limit,
  });
  const most = Math.max(...lost);
  const nothingLost = {what: `${name}: no packet lost`, value: most, met: most === 0};
  if (name.startsWith('power-cut')) {
    return [atMost('median', median, allowed.medianMs), atMost('worst', worst, allowed.worstMs)];
  }

  if (name === 'leader-killed') {
    return [atMost('leader again, worst', Math.max(...leaderAgainMs), allowed.leaderMs), nothingLost];
  }

  return name === 'leave' || name.startsWith('restart-') ? [nothingLost] : [];
}

function printFailover({cases: all, keepalived, seed: drawn}: FailoverFigures): string {
  const ms = (value: number): string => value.toFixed(0);
  const rows = Object.entries(all).map(([name, {gapMs, median, p99, worst, lost, leaderAgainMs}]) => [
    name,
    String(gapMs.length),
    ...[median, p99, worst].map(ms),
    String(Math.max(...lost)),
    leaderAgainMs.length === 0 ? '' : ms(Math.max(...leaderAgainMs)),
  ]);
  return [
    formatColumns([
      ['longest silence, ms', 'runs', 'median', 'p99', 'worst', 'most lost', 'leader again, worst'],
      ...rows,
    ]),
    ...formatStages(Object.entries(all).map(([name, {stagesMedianMs}]) => [name, stagesMedianMs])),
    '',
    `one echo a millisecond; keepalived ${keepalived}, VRRP version 3; seed ${drawn}`,
  ].join('\n');
}
