import {changeTable, type TableChange} from './bin-table.ts';
import {fallbackFor} from './bin-table-fallback.ts';
import type {Share} from './quotas.ts';

export * from './bin-table.ts';
export * from './bin-table-fallback.ts';
export * from './quotas.ts';

/** Both columns of a group's table, 65,536 entries each: whose a bin is, and whose if that one dies. */
export type BinTables = {readonly base: Uint16Array; readonly fallback: Uint16Array};

/**
 * Both columns after a change of the shares: the fewest bins move, and as few fallbacks as the weights allow.
 *
 * A bin that moved falls back to where it came from. A server that leaves leaves its bins to their fallbacks: what a
 * crash already did is what is then written down, and what is added and taken away again leaves no trace.
 *
 * @param idle see `TableOptions`
 * @throws RangeError as `changeTable`
 */
export function changeTables(
  {base, fallback}: BinTables,
  shares: readonly Share[],
  idle?: (bin: number) => boolean,
): BinTables & TableChange {
  const change = changeTable(base, shares, {fallback, ...(idle === undefined ? {} : {idle})});
  return {...change, fallback: fallbackFor(change.base, shares, wishedFallback({base, fallback}, change.base))};
}

function wishedFallback({base, fallback}: BinTables, changed: Uint16Array): Uint16Array {
  const wished = fallback.slice();
  for (let bin = 0; bin < wished.length; bin++) {
    if (changed[bin] !== base[bin]) {
      wished[bin] = base[bin]!;
    }
  }

  return wished;
}
