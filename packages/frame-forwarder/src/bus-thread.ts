import {once} from 'node:events';
import {setTimeout as wait} from 'node:timers/promises';
import {Worker} from 'node:worker_threads';
import {BugError, WorldError} from '@tacoplex/errors';
import type {Engine} from './engine.ts';
import type {SharedMemory} from './shared-memory.ts';
import type {FromBus, ToBus, WorkerStart} from './thread-messages.ts';

/** A thread that is ended from outside may abort the process: addons in it throw when they cannot call back. */
const graceMs = 1000;

/** The other thread, seen from the frame loop's. */
export type BusThread = {
  /** That the thread feeds. */
  readonly engine: Engine['name'];
  readonly memory: SharedMemory;
  /** What it says from now on, and has said since it started. To be called once. */
  listen(take: (message: FromBus) => void): void;
  post(message: ToBus): void;
  /** Resolves when it has taken its rules away and said its last word. */
  stop(): Promise<void>;
};

/** What the other thread could not mend. */
export function errorOf({message, facts}: Extract<FromBus, {kind: 'failed'}>): WorldError {
  return new WorldError(message, facts as WorldError['facts']);
}

/** Begin to load the bus's thread, beside this one. A bug in it ends the process. */
export function loadBusThread(): LoadingBusThread {
  return new LoadingBusThread();
}

/** The bus's thread before it is told what to do. */
export class LoadingBusThread {
  readonly #worker = new Worker(new URL('./bus-worker.js', import.meta.url), {
    trackUnmanagedFds: false, // Node would warn of each of the kernel's objects that is closed
  });
  readonly #gone = once(this.#worker, 'exit');
  #isStarted = false;

  constructor() {
    this.#worker.on('error', error => {
      process.nextTick(() => {
        throw error;
      });
    });
  }

  /** @throws WorldError if it cannot open its socket, or the engine that the config asks for */
  async start(start: WorkerStart): Promise<BusThread> {
    const worker = this.#worker;
    this.#isStarted = true;
    this.#post({kind: 'start', ...start});
    const [first] = (await once(worker, 'message')) as [FromBus];
    if (first.kind === 'failed') {
      await this.#isGone();
      throw errorOf(first);
    }

    if (first.kind !== 'started') {
      throw new BugError('the first word of the bus thread is that it has started');
    }

    const early: FromBus[] = [];
    let take = (message: FromBus): void => void early.push(message);
    worker.on('message', (message: FromBus) => {
      if (message.kind === 'failed') {
        void this.#isGone().then(() => take(message));
      } else {
        take(message);
      }
    });
    return {
      engine: first.engine,
      memory: first.memory,
      listen(taker) {
        take = taker;
        early.splice(0).forEach(taker);
      },
      post: message => this.#post(message),
      stop: async () => this.#stop(),
    };
  }

  /** It is not needed after all. Harmless once it has been started. */
  async giveUp(): Promise<void> {
    if (!this.#isStarted) {
      this.#post({kind: 'stop'});
      await this.#gone;
    }
  }

  #post(message: ToBus): void {
    this.#worker.postMessage(message);
  }

  async #stop(): Promise<void> {
    const stopped = new Promise<void>(resolve => {
      this.#worker.on('message', (message: FromBus) => {
        if (message.kind === 'stopped') {
          resolve();
        }
      });
    });
    this.#post({kind: 'stop'});
    await stopped;
    await this.#isGone();
    await this.#worker.terminate();
  }

  /** A process that ends while this thread is on its way out ends by a signal. */
  async #isGone(): Promise<unknown> {
    return Promise.race([this.#gone, wait(graceMs, undefined, {ref: false})]);
  }
}
