/** A whole number from 0 to `below` - 1. */
export type Draw = (below: number) => number;

/**
 * The same numbers from the same seed on every machine.
 *
 * @param seed 32 bits
 * @see George Marsaglia, Xorshift RNGs, Journal of Statistical Software 8(14), 2003: shifts 13, 17, 5
 */
export function drawFrom(seed: number): Draw {
  let state = seed | 0 || 1; // From 0 only 0 would follow
  return below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}
