import {setTimeout as pause} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';

export type Patience = {
  readonly timeoutMs: number;
  /** What is waited for, for the error: "leveler0 is up". */
  readonly what: string;
  /** Between two looks; default 50. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Look until something holds.
 *
 * @param look its first value that is neither false nor undefined ends the waiting
 * @returns that value
 * @throws WorldError NO_ANSWER when time is up; what `look` throws
 */
export async function waitFor<Value>(
  look: () => Value | Promise<Value>,
  {timeoutMs, what, everyMs = 50, signal}: Patience,
): Promise<Exclude<Value, false | undefined>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== false && value !== undefined) {
      return value as Exclude<Value, false | undefined>;
    }

    if (performance.now() > end) {
      throw new WorldError(`waited ${timeoutMs / 1000} s in vain: ${what}`, {code: 'NO_ANSWER', endpoint: what});
    }

    await pause(everyMs, undefined, signal && {signal});
  }
}
