import {isPresent} from './presence.ts';
import type {LevelerDocument} from './schemas.ts';
import {type Cell, formatTable, type Style} from './text.ts';

/** A matrix of more levelers than this is not read any more: the warnings say what is missing in it. */
const mostLevelers = 16;

const signs = {both: 'AB', a: 'A', b: 'B', none: '-'} as const;

/** Who hears whom on which nets, as each says itself: rows hear columns. */
export function printHearing(all: readonly LevelerDocument[], style: Style): string {
  const title = style.bold('Who hears whom');
  const levelers = all.filter(leveler => leveler.member || isPresent(leveler));
  if (levelers.length > mostLevelers) {
    return `${title}\n  ${summary(levelers, style)}`;
  }

  const rows = levelers.map((row): Cell[] => [row.name, ...levelers.map(column => cellOf(row, column, style))]);
  const columns = [{heading: 'HEARS'}, ...levelers.map(({id}) => ({heading: String(id), isNumber: true}))];
  return `${title}: ${style.dim('rows hear columns, by ID, on nets A and B')}\n${formatTable(columns, rows, style)}`;
}

function cellOf(row: LevelerDocument, column: LevelerDocument, style: Style): Cell {
  if (row === column) {
    return '.';
  }

  const on = row.hears.find(({leveler}) => leveler === column.name)?.on ?? null;
  const text = on === null ? '?' : signs[on];
  return {text, paint: on === 'both' ? style.good : on === null ? style.dim : style.bad};
}

function summary(levelers: readonly LevelerDocument[], style: Style): string {
  const pairs = levelers.flatMap(({hears}) => hears.map(({on}) => on));
  const whole = pairs.filter(on => on === 'both').length;
  const text = `${whole} of ${pairs.length} pairs of levelers hear each other on both nets`;
  return whole === pairs.length ? text : style.bad(text);
}
