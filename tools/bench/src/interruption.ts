import {constants} from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Somebody wants us to end. */
export class Interruption extends Error {
  /** 128 and the number of the signal, as a shell counts. */
  readonly exitCode: number;

  constructor(signal: (typeof signals)[number]) {
    super(`ended by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Do work that has something to clean up. A signal that would end the process is told to the work, which cleans up and
 * throws.
 *
 * @throws Interruption if there was one, whatever the work has thrown
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const listener = (signal: NodeJS.Signals): void =>
    controller.abort(new Interruption(signal as (typeof signals)[number]));
  for (const name of signals) {
    process.on(name, listener);
  }

  try {
    return await work(controller.signal);
  } finally {
    await takeTurn(); // A call of the kernel that a signal has ended comes back before the signal is told
    for (const name of signals) {
      process.off(name, listener);
    }

    controller.signal.throwIfAborted();
  }
}

/** Let signals be heard: work that waits for nothing hears none. */
export async function takeTurn(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}
