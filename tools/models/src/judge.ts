import type {Case} from './catalogue.ts';
import type {Result} from './run-case.ts';

/** How many states each complete search visits, by its name: a change of a model, or of the tool, shows. */
export type Counts = Readonly<Record<string, number>>;

/** @returns what is wrong with a search; undefined: it is as it must be */
export function judge(
  {expects, breaks, limits}: Case,
  {name, report, broken}: Result,
  counts: Counts,
): string | undefined {
  if (report === undefined) {
    return `not over after ${limits.timeS} s`;
  }

  const {outcome, states, depth} = report;
  if (expects === 'fails') {
    return judgeFailure(outcome, breaks, broken);
  }

  if (outcome === 'violated') {
    return `${broken ?? 'an assertion'} does not hold: a history of at most ${depth} steps breaks it`;
  }

  if (expects === 'searched') {
    return undefined;
  }

  if (outcome === 'stopped') {
    return `not complete: ${states} states, then a limit of memory or depth`;
  }

  return counts[name] === states ? undefined : `${states} states, but ${counts[name] ?? 'none'} are recorded`;
}

function judgeFailure(outcome: string, breaks: readonly string[], broken: string | undefined): string | undefined {
  if (outcome !== 'violated') {
    return `must break ${breaks.join(' or ')}, and does not`;
  }

  return broken !== undefined && breaks.includes(broken)
    ? undefined
    : `must break ${breaks.join(' or ')}, not ${broken ?? 'something without a name'}`;
}

/** Statements of a model that none of its complete searches has reached: then it does not say what it seems to. */
export function findUnreached(results: readonly Result[]): string[] {
  const [first, ...others] = results.flatMap(({report}) => (report?.outcome === 'complete' ? [report.unreached] : []));
  return (first ?? []).filter(statement => others.every(unreached => unreached.includes(statement)));
}
