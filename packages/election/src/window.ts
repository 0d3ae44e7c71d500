const width = 256n;
const mask = (1n << width) - 1n;

/** Which of the last 256 sequence numbers were seen: bit 0 is `top`. @see RFC 4303, 3.4.3 */
export type Window = {readonly top: number; readonly seen: bigint};

export const emptyWindow: Window = {top: 0, seen: 0n};

/** @returns the window with `sequence` in it; 'duplicate' if it was, 'stale' if it is too old to tell */
export function admit({top, seen}: Window, sequence: number): Window | 'duplicate' | 'stale' {
  if (sequence > top) {
    return {top: sequence, seen: ((seen << BigInt(Math.min(sequence - top, 256))) | 1n) & mask};
  }

  const bit = BigInt(top - sequence);
  if (bit >= width) {
    return 'stale';
  }

  return (seen >> bit) & 1n ? 'duplicate' : {top, seen: seen | (1n << bit)};
}
