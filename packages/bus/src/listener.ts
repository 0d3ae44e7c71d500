import {randomBytes} from 'node:crypto';
import {setTimeout as pause} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';
import {Dealer} from './zeromq.ts';

const retryMs = 20;

/** What a peer said: topic and bytes. */
export type Said = (topic: string, bytes: Uint8Array) => void;

/** The end of the bus that connects to one speaker, again and again for as long as it is open. */
export class Listener {
  readonly #dealer = new Dealer({
    immediate: true,
    sendTimeout: 0,
    linger: 0,
    reconnectInterval: 50,
    reconnectMaxInterval: 200,
    receiveHighWaterMark: 16,
  });
  readonly #answers = new Map<string, (answer: Uint8Array) => void>();
  readonly #endpoint: string;
  readonly #topics: readonly string[];
  #sending = Promise.resolve();
  #connect: (() => void) | undefined;
  readonly #connected = new Promise<void>(resolve => {
    this.#connect = resolve;
  });
  #isClosed = false;

  /** @param topics what to listen for; may be empty */
  constructor(endpoint: string, topics: readonly string[], said: Said) {
    this.#endpoint = endpoint;
    this.#topics = topics;
    this.#dealer.events.on('handshake', () => {
      this.#connect?.();
      if (topics.length > 0) {
        void this.#send(['listen', ...this.#topics], () => this.#isClosed);
      }
    });

    this.#dealer.connect(endpoint);
    void this.#receive(said);
  }

  /** @throws WorldError NO_ANSWER */
  async ask(request: string, question: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const id = randomBytes(8);
    const key = id.toString('hex');
    let isOver = false;
    try {
      return await new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(
            new WorldError(`${this.#endpoint}: no answer within ${timeoutMs} ms`, {
              code: 'NO_ANSWER',
              endpoint: this.#endpoint,
            }),
          );
        }, timeoutMs);
        this.#answers.set(key, answer => {
          clearTimeout(timer);
          resolve(answer);
        });
        void this.#send(['ask', request, id, Buffer.from(question)], () => isOver || this.#isClosed);
      });
    } finally {
      isOver = true;
      this.#answers.delete(key);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#dealer.close();
  }

  async #receive(said: Said): Promise<void> {
    for await (const [kind, name, bytes] of this.#dealer) {
      if (kind === undefined || name === undefined || bytes === undefined) {
        continue;
      }

      if (kind.toString() === 'said') {
        said(name.toString(), bytes);
      } else {
        this.#answers.get(name.toString('hex'))?.(bytes);
      }
    }
  }

  /** Sends as soon as there is a connection, unless it has become pointless. */
  async #send(frames: (string | Buffer)[], isPointless: () => boolean): Promise<void> {
    const turn = this.#sending.then(async () => {
      while (!isPointless()) {
        try {
          await this.#dealer.send(frames);
          return;
        } catch {
          await Promise.race([pause(retryMs), this.#connected.then(async () => pause(1))]);
        }
      }
    });
    this.#sending = turn;
    await turn;
  }
}
