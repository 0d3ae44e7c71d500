import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import {WorldError} from '@tacoplex/errors';
import type {FromBus, ToBus, WorkerStart} from './thread-messages.ts';

/** The other thread, seen from the frame loop's. */
export type BusThread = {
  post(message: ToBus): void;
  /** Resolves when it has taken its rules away and said its last word. */
  stop(): Promise<void>;
};

/**
 * Start the bus's thread. A bug in it ends the process.
 *
 * @param take what it says once it has started
 * @throws WorldError ENDPOINT_UNUSABLE if it cannot open its socket
 */
export async function startBusThread(start: WorkerStart, take: (message: FromBus) => void): Promise<BusThread> {
  const worker = new Worker(new URL('./bus-worker.js', import.meta.url), {workerData: start});
  worker.on('error', error => {
    process.nextTick(() => {
      throw error;
    });
  });
  const [first] = (await once(worker, 'message')) as [FromBus];
  if (first.kind === 'failed') {
    throw new WorldError(first.message, {code: 'ENDPOINT_UNUSABLE', endpoint: first.endpoint});
  }

  worker.on('message', take);
  return {
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
      await worker.terminate();
    },
  };
}
