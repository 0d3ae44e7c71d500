import type {MonotonicMs} from '@tacoplex/vocabulary';

/** What may still be sent on one net of the frames nobody asked for. */
export type Limits = {readonly tokens: number; readonly filledAt: MonotonicMs};

/** Frames in one burst. */
export const burstFrames = 512;

/** Frames a second beyond the burst. */
export const framesPerSecond = 256;

export const fullLimits: Limits = {tokens: burstFrames, filledAt: 0 as MonotonicMs};

/** Take leave to send one frame at `at`. @returns what is left; undefined if it may not be sent */
export function takeToken({tokens, filledAt}: Limits, at: MonotonicMs): Limits | undefined {
  const filled = Math.min(burstFrames, tokens + ((at - filledAt) * framesPerSecond) / 1000);
  return filled < 1 ? undefined : {tokens: filled - 1, filledAt: at};
}
