/** How many numbers back it is known what was seen. */
const width = 256;

/** Bits in a word, and words in a ring: one more than the width needs, so that the newest word is never also the oldest. */
const wordBits = 32;
const ringWords = width / wordBits + 1;

/** Which of the last 256 sequence numbers were seen: number n is bit n % 32 of word n / 32 % 9. @see RFC 6479 */
export type Window = {readonly top: number; readonly seen: readonly number[]};

export const emptyWindow: Window = {top: 0, seen: Array.from({length: ringWords}, () => 0)};

/** @returns the window with `sequence` in it; 'duplicate' if it was, 'stale' if it is too old to tell */
export function admit({top, seen}: Window, sequence: number): Window | 'duplicate' | 'stale' {
  if (top - sequence >= width) {
    return 'stale';
  }

  const word = Math.floor(sequence / wordBits);
  const [place, bit] = [word % ringWords, 1 << (sequence % wordBits)];
  if (sequence <= top && ((seen[place] ?? 0) & bit) !== 0) {
    return 'duplicate';
  }

  const next = sequence > top ? cleared(seen, Math.floor(top / wordBits), word) : seen.slice();
  next[place] = (next[place] ?? 0) | bit;
  return {top: Math.max(top, sequence), seen: next};
}

/** What was seen, without what stood in the places of the words behind `from`, up to `to`. */
function cleared(seen: readonly number[], from: number, to: number): number[] {
  const next = seen.slice();
  for (let word = Math.max(from + 1, to - ringWords + 1); word <= to; word++) {
    next[word % ringWords] = 0;
  }

  return next;
}
