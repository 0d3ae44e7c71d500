import {once} from 'node:events';
import {setTimeout as wait} from 'node:timers/promises';
import {Worker} from 'node:worker_threads';
import {BugError, WorldError} from '@tacoplex/errors';
import type {Engine} from './engine.ts';
import type {FromBus, ToBus, WorkerStart} from './thread-messages.ts';

/** A thread that is ended from outside may abort the process: addons in it throw when they cannot call back. */
const graceMs = 1000;

/** The other thread, seen from the frame loop's. */
export type BusThread = {
  /** That the thread feeds. */
  readonly engine: Engine['name'];
  post(message: ToBus): void;
  /** Resolves when it has taken its rules away and said its last word. */
  stop(): Promise<void>;
};

/** What the other thread could not mend. */
export function errorOf({message, facts}: Extract<FromBus, {kind: 'failed'}>): WorldError {
  return new WorldError(message, facts as WorldError['facts']);
}

/**
 * Start the bus's thread. A bug in it ends the process.
 *
 * @param take what it says once it has started
 * @throws WorldError if it cannot open its socket, or the engine that the config asks for
 */
export async function startBusThread(start: WorkerStart, take: (message: FromBus) => void): Promise<BusThread> {
  const worker = new Worker(new URL('./bus-worker.js', import.meta.url), {
    workerData: start,
    trackUnmanagedFds: false, // Node would warn of each of the kernel's objects that is closed
  });
  worker.on('error', error => {
    process.nextTick(() => {
      throw error;
    });
  });
  const gone = once(worker, 'exit');
  /** A process that ends while this thread is on its way out ends by a signal. */
  const isGone = async (): Promise<unknown> => Promise.race([gone, wait(graceMs, undefined, {ref: false})]);
  const [first] = (await once(worker, 'message')) as [FromBus];
  if (first.kind === 'failed') {
    await isGone();
    throw errorOf(first);
  }

  if (first.kind !== 'started') {
    throw new BugError('the first word of the bus thread is that it has started');
  }

  worker.on('message', (message: FromBus) => {
    if (message.kind === 'failed') {
      void isGone().then(() => take(message));
    } else {
      take(message);
    }
  });
  return {
    engine: first.engine,
    post: message => worker.postMessage(message),
    async stop() {
      const stopped = new Promise<void>(resolve => {
        worker.on('message', (message: FromBus) => {
          if (message.kind === 'stopped') {
            resolve();
          }
        });
      });
      worker.postMessage({kind: 'stop'} satisfies ToBus);
      await stopped;
      await isGone();
      await worker.terminate();
    },
  };
}
