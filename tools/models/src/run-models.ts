import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Case, catalogue, nameOf} from './catalogue.ts';
import {type Counts, findUnreached, judge} from './judge.ts';
import {type Result, runCase} from './run-case.ts';

export type Judged = Result & {readonly expects: Case['expects']; readonly fault: string | undefined};
export type Findings = {
  readonly searches: readonly Judged[];
  readonly unreached: Readonly<Record<string, readonly string[]>>;
};

export type Wish = {
  readonly root: string;
  /** The large ones too. */
  readonly full: boolean;
  /** Only those whose name contains this. */
  readonly only: string;
  /** Write down the counts that were found instead of comparing with them. */
  readonly record: boolean;
  readonly progress: (done: number, total: number, name: string) => void;
};

const countsFile = 'tools/models/state-counts.json';

/** Search the models one after the other. @throws WorldError COMMAND_FAILED if spin or gcc is missing */
export async function runModels({root, full, only, record, progress}: Wish): Promise<Findings> {
  const chosen = catalogue.filter(one => (full || !one.isLarge) && nameOf(one).includes(only));
  const results: Result[] = [];
  for (const one of chosen) {
    progress(results.length, chosen.length, nameOf(one));
    results.push(await runCase(root, one));
  }

  progress(chosen.length, chosen.length, '');
  const counts = {...readCounts(root), ...(record ? countsOf(chosen, results) : {})};
  if (record) {
    writeFileSync(join(root, countsFile), `${JSON.stringify(counts, null, 2)}\n`);
  }

  return {
    searches: results.map((result, index) => {
      const one = chosen[index] as Case;
      return {...result, expects: one.expects, fault: judge(one, result, counts)};
    }),
    unreached: only === '' ? unreachedByModel(chosen, results) : {},
  };
}

function readCounts(root: string): Counts {
  return JSON.parse(readFileSync(join(root, countsFile), 'utf8')) as Counts;
}

function countsOf(chosen: readonly Case[], results: readonly Result[]): Counts {
  return Object.fromEntries(
    results.flatMap(({name, report}, index) =>
      chosen[index]?.expects === 'holds' && report?.outcome === 'complete' ? [[name, report.states]] : [],
    ),
  );
}

function unreachedByModel(chosen: readonly Case[], results: readonly Result[]): Findings['unreached'] {
  const models = [...new Set(chosen.map(({model}) => model))];
  return Object.fromEntries(
    models.map(model => [model, findUnreached(results.filter((_, index) => chosen[index]?.model === model))] as const),
  );
}

/** Whether everything is as it must be. */
export function isInOrder({searches, unreached}: Findings): boolean {
  return searches.every(({fault}) => fault === undefined) && Object.values(unreached).every(({length}) => length === 0);
}
