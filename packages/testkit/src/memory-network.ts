import type {Bus} from '@tacoplex/bus';
import {WorldError} from '@tacoplex/errors';
import {
  decodeAnswer,
  decodeQuestion,
  decodeTopic,
  encodeQuestion,
  encodeReply,
  encodeTopic,
  type Process,
  type Request,
  requests,
  type Topic,
  topics,
} from '@tacoplex/messages';

type Anything = (message: unknown) => unknown;
type Port = {handlers: Readonly<Record<string, Anything>>; answers: Readonly<Record<string, Anything>>};

/**
 * The bus of one leveler in memory. It moves messages when told to, and passes them through the real codecs, so that
 * a listener cannot see more than the wire would carry.
 */
export class MemoryNetwork {
  readonly #ports = new Map<Process, Port>();
  readonly #lastSaid = new Map<Topic, Uint8Array>();
  #waiting: (() => void)[] = [];

  /** Takes the place of an earlier port of the same process, as a restarted process does. */
  createPort<P extends Process>(process: P): Bus<P> {
    const port: Port = {handlers: {}, answers: {}};
    this.#ports.set(process, port);
    return {
      say: (topic, message) => {
        const bytes = encodeTopic(topic, message);
        this.#lastSaid.set(topic, bytes);
        for (const listener of topics[topic].to) {
          this.#waiting.push(() => this.#deliver(this.#ports.get(listener), topic, bytes));
        }
      },
      hear: handlers => {
        port.handlers = handlers as Port['handlers'];
        for (const [topic, bytes] of this.#lastSaid) {
          this.#waiting.push(() => this.#deliver(port, topic, bytes));
        }
      },
      answer: answers => {
        port.answers = answers as Port['answers'];
      },
      ask: async (request, question, timeoutMs) => {
        const bytes = await this.#ask(request, encodeQuestion(request, question), timeoutMs);
        return decodeAnswer(request, bytes);
      },
      close: async () => {
        if (this.#ports.get(process) === port) {
          this.#ports.delete(process);
        }
      },
    };
  }

  /** Delivers all that was said, and what is said in answer to it. */
  settle(): void {
    for (let rounds = 0; this.#waiting.length > 0 && rounds < 1000; rounds++) {
      const now = this.#waiting;
      this.#waiting = [];
      for (const deliver of now) {
        deliver();
      }
    }
  }

  #deliver(port: Port | undefined, topic: Topic, bytes: Uint8Array): void {
    port?.handlers[topic]?.(decodeTopic(topic, bytes));
  }

  async #ask(request: Request, question: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const answer = this.#ports.get(requests[request].to)?.answers[request];
    if (answer === undefined) {
      throw new WorldError(`${request}: no answer within ${timeoutMs} ms`, {code: 'NO_ANSWER', endpoint: request});
    }

    return encodeReply(request, (await answer(decodeQuestion(request, question))) as object);
  }
}
