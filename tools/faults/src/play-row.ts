import type {Fault} from './fault.ts';
import {type RunResult, runFault, type Stage} from './run-fault.ts';
import {formatVerdict} from './verdict.ts';

/** What came of all runs of one case of a row. */
export type CaseResult = {
  readonly row: number;
  readonly case: string;
  readonly title: string;
  readonly verdict: string;
  readonly runs: readonly RunResult[];
};

export type PlayOptions = {
  readonly runs: number;
  /** Of the first run; each later one has the next number. */
  readonly seed: number;
  /** Whether elapsed time counts. */
  readonly isTimed: boolean;
  readonly signal?: AbortSignal;
  readonly progress: (text: string) => void;
};

/** Play each case of a row so many times. @throws the signal's reason */
export async function playRow(stage: Stage, {row, title, cases}: Fault, options: PlayOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of cases) {
    const runs: RunResult[] = [];
    for (let index = 0; index < options.runs; index++) {
      options.signal?.throwIfAborted();
      options.progress(`row ${row}${one.name === '' ? '' : `, ${one.name}`}: run ${index + 1} of ${options.runs}`);
      runs.push(await runFault(stage, one, options.seed + index, options.isTimed));
    }

    results.push({row, case: one.name, title, verdict: formatVerdict(one.verdict), runs});
  }

  return results;
}
