import {setTimeout as pause} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';

/**
 * How long is waited for what must come, also on a slow and busy machine: it only ends what would hang. The test runner
 * ends a test file after ten minutes without a word; this is less, so that what was seen last is told.
 */
export const patienceMs = 90_000;

export type Patience = {
  /** Default: `patienceMs`. */
  readonly timeoutMs?: number | undefined;
  /** What is waited for, for the error: "leveler0 is up". */
  readonly what: string;
  /** Between the end of a look and the next one; default 50. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** What was seen in the end, for the error: "leveler0 booted, its elector does not run"; empty: nothing of note. */
  readonly seen?: (() => string | Promise<string>) | undefined;
};

/**
 * Look until something holds, each time after the last look has ended.
 *
 * @param look its first value that is neither false nor undefined ends the waiting
 * @returns that value
 * @throws WorldError NO_ANSWER when time is up, with what was seen in the end; what `look` throws
 */
export async function waitFor<Value>(
  look: () => Value | Promise<Value>,
  {timeoutMs = patienceMs, what, everyMs = 50, signal, seen}: Patience,
): Promise<Exclude<Value, false | undefined>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== false && value !== undefined) {
      return value as Exclude<Value, false | undefined>;
    }

    if (performance.now() > end) {
      const words = [`waited ${timeoutMs / 1000} s in vain: ${what}`, (await seen?.()) ?? ''];
      throw new WorldError(words.filter(word => word !== '').join('; '), {code: 'NO_ANSWER', endpoint: what});
    }

    await pause(everyMs, undefined, signal && {signal});
  }
}
