/** Numbers that follow one another, both included. */
export type Range = {readonly first: number; readonly last: number};

/** What became of numbered frames. */
export type Tally = {
  readonly sent: number;
  readonly lost: number;
  /** Arrived more often than once. */
  readonly repeated: number;
  /** The first few gaps. */
  readonly gaps: readonly Range[];
};

const mostGaps = 20;

/**
 * Hold what has arrived against what was sent.
 *
 * @param times how often each number has arrived, modulo 256
 * @param sent numbers 0 to `sent` - 1 were
 * @throws RangeError if there is no note of some of them
 */
export function tallyOf(times: Uint8Array, sent: number): Tally {
  if (sent > times.length) {
    throw new RangeError(`${sent} frames were sent, and note was taken of ${times.length} numbers`);
  }

  const gaps: Range[] = [];
  let [lost, repeated] = [0, 0];
  for (let number = 0; number < sent; number++) {
    if (times[number] === 0) {
      lost++;
      extend(gaps, number);
    } else if (times[number] !== 1) {
      repeated++;
    }
  }

  return {sent, lost, repeated, gaps: gaps.slice(0, mostGaps)};
}

function extend(gaps: Range[], number: number): void {
  const last = gaps.at(-1);
  if (last?.last === number - 1) {
    gaps[gaps.length - 1] = {first: last.first, last: number};
  } else if (gaps.length <= mostGaps) {
    gaps.push({first: number, last: number});
  }
}
