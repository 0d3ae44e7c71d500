import {setTimeout as pause} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';
import type {Dropped} from './dropped.ts';
import {OpenQuestions} from './open-questions.ts';
import {Outbox, type Sent} from './outbox.ts';
import {Router} from './zeromq.ts';

const retryMs = 10;
const closeMs = 200;

/** Who has not read for so many tries, some ten seconds, waits for its answers no longer. */
const mostTries = 1000;
const mostTopics = 16;
const mostIdBytes = 64;
const mostNameBytes = 64;
const answerMark = 'answer ';

/** Takes one question's bytes; resolves to its answer's, or undefined where the question is to be dropped. */
export type Answerer = (request: string, question: Uint8Array) => Promise<Uint8Array | undefined>;

type Listener = {readonly route: Buffer; readonly topics: ReadonlySet<string>; readonly outbox: Outbox; tries: number};

/**
 * The end of the bus that listeners and askers connect to.
 *
 * Frames in: `listen, topic…` or `ask, request, id, bytes`. Frames out: `said, topic, bytes` or `answered, id, bytes`.
 */
export class Speaker {
  readonly #router: InstanceType<typeof Router>;
  readonly #listeners = new Map<string, Listener>();
  readonly #lastSaid = new Map<string, Uint8Array>();
  readonly #open = new OpenQuestions();
  readonly #dropped: Dropped;
  #answerer: Answerer | undefined;
  #sending = Promise.resolve();
  #isSending = false;
  #isClosed = false;

  /** @param largestBytes of one frame that is heard; who sends a larger one is cut off before it is read */
  constructor(dropped: Dropped, largestBytes: number) {
    this.#dropped = dropped;
    this.#router = new Router({
      mandatory: true,
      sendTimeout: 0,
      sendHighWaterMark: 16,
      receiveHighWaterMark: 16,
      maxMessageSize: largestBytes,
      linger: closeMs,
    });
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
        this.#addListener(route, rest.slice(0, mostTopics).map(String));
      } else if (kind.toString() === 'ask' && rest.length === 3) {
        const [request, id, question] = rest as [Buffer, Buffer, Buffer];
        this.#take(route, request, id, question);
      } else {
        this.#drop('neither listens nor asks');
      }
    }
  }

  #addListener(route: Buffer, topics: readonly string[]): void {
    const listener = {route, topics: new Set(topics), outbox: this.#outboxOf(route), tries: 0};
    this.#listeners.set(route.toString('hex'), listener);
    for (const topic of topics) {
      const bytes = this.#lastSaid.get(topic);
      if (bytes !== undefined) {
        listener.outbox.put(topic, ['said', topic, bytes]);
      }
    }

    this.#flush();
  }

  #take(route: Buffer, request: Buffer, id: Buffer, question: Buffer): void {
    if (id.length > mostIdBytes || request.length > mostNameBytes) {
      this.#drop('its name is too long');
    } else if (this.#open.take(route.toString('hex'))) {
      void this.#replyTo(route, request.toString(), id, question);
    } else {
      this.#drop('its sender has asked too much, and reads no answers');
    }
  }

  #drop(reason: string): void {
    this.#dropped.tell(reason, {reason});
  }

  async #replyTo(route: Buffer, request: string, id: Buffer, question: Buffer): Promise<void> {
    const answer = await this.#answerer?.(request, question);
    if (answer === undefined) {
      this.#open.give(route.toString('hex'));
      return;
    }

    const outbox = this.#outboxOf(route);
    outbox.put(`${answerMark}${id.toString('hex')}`, ['answered', id, answer]);
    if (!this.#listeners.has(route.toString('hex'))) {
      this.#listeners.set(route.toString('hex'), {route, topics: new Set(), outbox, tries: 0});
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

  async #sendOne(listener: Listener): Promise<boolean> {
    const {route, topics, outbox} = listener;
    const peer = route.toString('hex');
    const item = outbox.take();
    if (item === undefined) {
      return true;
    }

    const sent = await this.#trySend([route, ...item.frames]);
    listener.tries = sent === 'full' ? listener.tries + 1 : 0;
    if (sent === 'full') {
      outbox.putBack(item);
    } else if (item.key.startsWith(answerMark)) {
      this.#open.give(peer);
    }

    if (sent === 'gone' || listener.tries > mostTries) {
      this.#open.give(peer, outbox.drop(answerMark));
    }

    if (sent === 'gone' || (topics.size === 0 && outbox.isEmpty)) {
      this.#listeners.delete(peer);
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
