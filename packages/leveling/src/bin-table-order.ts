import {binCount} from '@tacoplex/vocabulary';

/**
 * Every bin once, in an order drawn by the receivers' numbers: other receivers get other bins.
 *
 * @param receivers ascending
 * @returns 65,536 bins
 */
export function orderBins(receivers: readonly number[]): Uint16Array {
  const key = receivers.reduce((folded, server) => mix(folded ^ server), 0);
  const order = new Uint16Array(binCount);
  for (let rank = 0; rank < binCount; rank++) {
    order[rank] = permute(rank, key);
  }

  return order;
}

/**
 * A hash of 32 bits in which each bit of `value` moves about half of the others. Not for keys that somebody may attack.
 *
 * @see Chris Wellons, Prospecting for Hash Functions, 2018: the multipliers of its triple32, of two rounds
 */
export function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** One of the many ways to arrange the numbers of 16 bits: each step can be taken back, so none comes twice. */
function permute(rank: number, key: number): number {
  let bin = (rank ^ key) & 0xffff;
  for (let round = 0; round < 3; round++) {
    bin = (Math.imul(bin, 0x2c5d) + (key >>> (5 * round))) & 0xffff; // An odd factor has an inverse
    bin ^= bin >>> 7;
  }

  return bin;
}
