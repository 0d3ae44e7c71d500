import {formatColumns, summarize} from '@tacoplex/bench';
import type {Fault} from './fault.ts';
import type {CaseResult} from './play-row.ts';
import {formatVerdict} from './verdict.ts';

/** One line for each case, and below it one for each way in which it failed. */
export function printResults(results: readonly CaseResult[]): string {
  const head = [
    'row',
    'runs',
    'must hold',
    'green',
    'silence ms: median',
    'p99',
    'worst',
    'resets',
    'failed',
    'elections',
  ];
  return [
    formatColumns([head, ...results.map(rowOf)]),
    ...results.flatMap(figuresOf),
    ...results.flatMap(faultsOf),
  ].join('\n');
}

export function printCatalogue(faults: readonly Fault[]): string {
  const rows = faults.flatMap(({row, title, how, cases}) =>
    cases.map(({name, verdict, provenBy}) => [
      nameOf({row, case: name}),
      formatVerdict(verdict),
      `${title} (${how})${provenBy === undefined ? '' : '; with --all: tests prove it in another way'}`,
    ]),
  );
  const all = [['row', 'must hold', 'what happens'], ...rows];
  const [nameWidth, verdictWidth] = [0, 1].map(column => Math.max(...all.map(row => row[column]?.length ?? 0)) + 2);
  return all
    .map(
      ([name = '', verdict = '', what]) => `${name.padEnd(nameWidth ?? 0)}${verdict.padEnd(verdictWidth ?? 0)}${what}`,
    )
    .join('\n');
}

function rowOf(result: CaseResult): string[] {
  const {runs, verdict} = result;
  const {median, p99, worst} = summarize(runs.map(({silenceMs}) => silenceMs));
  const sum = (count: (run: CaseResult['runs'][number]) => number): string =>
    String(runs.reduce((total, run) => total + count(run), 0));
  return [
    nameOf(result),
    String(runs.length),
    verdict,
    String(runs.filter(({faults}) => faults.length === 0).length),
    ...[median, p99, worst].map(ms => ms.toFixed(0)),
    sum(({connections}) => connections.resets),
    sum(({requests}) => requests.failed),
    sum(({elections}) => elections),
  ];
}

function figuresOf(result: CaseResult): string[] {
  const names = Object.keys(result.runs[0]?.figures ?? {});
  return names.map(name => {
    const {median, worst} = summarize(result.runs.flatMap(({figures}) => figures[name] ?? []));
    return `row ${nameOf(result)}: ${name} median ${median}, most ${worst}`;
  });
}

function faultsOf(result: CaseResult): string[] {
  return result.runs.flatMap(({seed, faults}) => faults.map(fault => `row ${nameOf(result)}, seed ${seed}: ${fault}`));
}

function nameOf({row, case: name}: Pick<CaseResult, 'row' | 'case'>): string {
  return `${row}${name === '' ? '' : `, ${name}`}`;
}
