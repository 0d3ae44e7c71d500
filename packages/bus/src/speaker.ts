import {setTimeout as pause} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';
import type {Log} from '@tacoplex/log';
import {Outbox, type Sent} from './outbox.ts';
import {Router} from './zeromq.ts';

const retryMs = 10;
const closeMs = 200;

/** Takes one question's bytes; resolves to its answer's, or undefined where the question is to be dropped. */
export type Answerer = (request: string, question: Uint8Array) => Promise<Uint8Array | undefined>;

type Listener = {readonly route: Buffer; readonly topics: ReadonlySet<string>; readonly outbox: Outbox};

/**
 * The end of the bus that listeners and askers connect to.
 *
 * Frames in: `listen, topic…` or `ask, request, id, bytes`. Frames out: `said, topic, bytes` or `answered, id, bytes`.
 */
export class Speaker {
  readonly #router = new Router({mandatory: true, sendTimeout: 0, sendHighWaterMark: 16, linger: closeMs});
  readonly #listeners = new Map<string, Listener>();
  readonly #lastSaid = new Map<string, Uint8Array>();
  readonly #log: Log;
  #answerer: Answerer | undefined;
  #sending = Promise.resolve();
  #isSending = false;
  #isClosed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** @throws WorldError ENDPOINT_UNUSABLE */
  async open(endpoint: string): Promise<void> {
    try {
      await this.#router.bind(endpoint);
    } catch (error) {
      throw new WorldError(
        `${endpoint}: cannot be bound: ${(error as Error).message}`,
        {code: 'ENDPOINT_UNUSABLE', endpoint},
        {cause: error},
      );
    }

    void this.#receive();
  }

  say(topic: string, bytes: Uint8Array): void {
    this.#lastSaid.set(topic, bytes);
    for (const listener of this.#listeners.values()) {
      if (listener.topics.has(topic)) {
        listener.outbox.put(topic, ['said', topic, bytes]);
      }
    }

    this.#flush();
  }

  answer(answerer: Answerer): void {
    this.#answerer = answerer;
  }

  async close(): Promise<void> {
    await Promise.race([this.#sending, pause(closeMs)]);
    this.#isClosed = true;
    this.#router.close();
  }

  async #receive(): Promise<void> {
    for await (const [route, kind, ...rest] of this.#router) {
      if (route === undefined || kind === undefined) {
        continue;
      }

      if (kind.toString() === 'listen') {
        this.#addListener(route, rest.map(String));
      } else if (kind.toString() === 'ask' && rest.length === 3) {
        const [request, id, question] = rest as [Buffer, Buffer, Buffer];
        void this.#replyTo(route, request.toString(), id, question);
      } else {
        this.#log.warn('message dropped', {reason: 'neither listens nor asks'});
      }
    }
  }

  #addListener(route: Buffer, topics: readonly string[]): void {
    const listener = {route, topics: new Set(topics), outbox: this.#outboxOf(route)};
    this.#listeners.set(route.toString('hex'), listener);
    for (const topic of topics) {
      const bytes = this.#lastSaid.get(topic);
      if (bytes !== undefined) {
        listener.outbox.put(topic, ['said', topic, bytes]);
      }
    }

    this.#flush();
  }

  async #replyTo(route: Buffer, request: string, id: Buffer, question: Buffer): Promise<void> {
    const answer = await this.#answerer?.(request, question);
    if (answer === undefined) {
      return;
    }

    const outbox = this.#outboxOf(route);
    outbox.put(`answer ${id.toString('hex')}`, ['answered', id, answer]);
    if (!this.#listeners.has(route.toString('hex'))) {
      this.#listeners.set(route.toString('hex'), {route, topics: new Set(), outbox});
    }

    this.#flush();
  }

  #outboxOf(route: Buffer): Outbox {
    return this.#listeners.get(route.toString('hex'))?.outbox ?? new Outbox();
  }

  #flush(): void {
    if (!this.#isSending) {
      this.#isSending = true;
      this.#sending = this.#sendAll();
    }
  }

  /** One send at a time, as the socket demands; peers take turns, so that a stalled one delays no other. */
  async #sendAll(): Promise<void> {
    for (;;) {
      let hasProgress = false;
      const waiting = [...this.#listeners.values()].filter(({outbox}) => !outbox.isEmpty);
      for (const listener of waiting) {
        hasProgress = (await this.#sendOne(listener)) || hasProgress;
      }

      if (waiting.length === 0 || this.#isClosed) {
        this.#isSending = false;
        return;
      }

      if (!hasProgress) {
        await pause(retryMs);
      }
    }
  }

  async #sendOne({route, topics, outbox}: Listener): Promise<boolean> {
    const item = outbox.take();
    if (item === undefined) {
      return true;
    }

    const sent = await this.#trySend([route, ...item.frames]);
    if (sent === 'full') {
      outbox.putBack(item);
    } else if (sent === 'gone' || (topics.size === 0 && outbox.isEmpty)) {
      this.#listeners.delete(route.toString('hex'));
    }

    return sent !== 'full';
  }

  async #trySend(frames: (string | Uint8Array)[]): Promise<Sent> {
    try {
      await this.#router.send(
        frames.map(frame =>
          typeof frame === 'string' ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength),
        ),
      );
      return 'sent';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 'full' : 'gone';
    }
  }
}
