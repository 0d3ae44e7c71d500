import type {Findings, Judged} from './run-models.ts';

/** A table for people, and a line for each fault. */
export function printFindings({searches, unreached}: Findings): string {
  const rows = [
    ['search', 'must', 'found', 'states', 'seconds'],
    ...searches.map(search => [
      search.name,
      mustOf(search),
      foundOf(search),
      statesOf(search),
      search.seconds.toFixed(1),
    ]),
  ];
  const faults = searches.flatMap(({name, fault}) => (fault === undefined ? [] : [`${name}: ${fault}`]));
  const dead = Object.entries(unreached).flatMap(([model, statements]) =>
    statements.map(statement => `${model}:${statement}: no search reaches this`),
  );
  return [alignColumns(rows), ...faults, ...dead].join('\n');
}

/** Columns two blanks apart: text from the left, the last two, which are numbers, from the right. */
function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows
    .map(row =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column >= row.length - 2 ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  '),
    )
    .join('\n');
}

function mustOf({expects}: Judged): string {
  return {holds: 'hold', fails: 'break', searched: 'hold, as far as searched'}[expects];
}

function foundOf({report, broken, fault}: Judged): string {
  const found =
    report === undefined
      ? 'no end'
      : {violated: `breaks ${broken ?? ''}`, complete: 'holds', stopped: 'holds so far'}[report.outcome];
  return fault === undefined ? found : `${found} (WRONG)`;
}

function statesOf({report}: Judged): string {
  return report === undefined ? '' : report.states.toLocaleString('en');
}
