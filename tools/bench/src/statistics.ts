/** Samples of one quantity, in the order they were taken, and what they come to. */
export type Statistics = {
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
  readonly samples: readonly number[];
};

/** @param samples at least one; rounded to a thousandth */
export function summarize(samples: readonly number[]): Statistics {
  const rounded = samples.map(sample => Math.round(sample * 1000) / 1000);
  const sorted = [...rounded].sort((one, other) => one - other);
  return {median: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), worst: quantile(sorted, 1), samples: rounded};
}

/**
 * The smallest sample that no less than this part of all samples reach up to (nearest rank).
 *
 * @param sorted ascending, at least one
 * @param part above 0, at most 1
 */
export function quantile(sorted: readonly number[], part: number): number {
  const value = sorted[Math.ceil(part * sorted.length) - 1];
  if (value === undefined) {
    throw new RangeError('there are no samples');
  }

  return value;
}
