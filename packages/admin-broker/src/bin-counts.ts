/** Bins of one server, over all tables. */
export type ServerBins = {readonly number: number; readonly bins: number};

/**
 * Count the bins of each server that has any.
 *
 * @param groups tables of 16-bit server numbers, little-endian; 0 is nobody and not counted
 * @returns ascending by number
 */
export function binCounts(groups: readonly {readonly base: Uint8Array}[]): ServerBins[] {
  const counts = new Map<number, number>();
  for (const {base} of groups) {
    for (let at = 0; at + 1 < base.length; at += 2) {
      const number = (base[at] ?? 0) | ((base[at + 1] ?? 0) << 8);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
  }

  counts.delete(0);
  return [...counts].map(([number, bins]) => ({number, bins})).sort((one, other) => one.number - other.number);
}
