import {mkdirSync} from 'node:fs';
import {WorldError} from '@tacoplex/errors';
import type {Log} from '@tacoplex/log';
import {
  type Answers,
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
import {type Bus, endpointOf} from './bus.ts';
import {Dropped} from './dropped.ts';
import {Listener} from './listener.ts';
import {Speaker} from './speaker.ts';

const mebibyte = 1_048_576;

/**
 * What a process is asked at most: captures go to the broker, 4 MiB of frames, and from there to the forwarder; a command is short. Of
 * whoever may speak to the broker, which is a whole group, some questions of this size wait in sockets at a time.
 */
const largestQuestionBytes: Readonly<Record<Process, number>> = {
  elector: mebibyte,
  'frame-forwarder': 16 * mebibyte,
  'arp-announcer': mebibyte,
  'admin-broker': 5 * mebibyte,
  taco: 0,
};

type Anything = (message: unknown) => unknown;

/**
 * A process's place on the bus of its leveler. `taco` has no socket of its own: it only asks.
 *
 * @param runFolder holds the sockets; at most 80 characters; its group decides who may connect to the admin-broker
 * @throws WorldError ENDPOINT_UNUSABLE
 */
export async function openBus<P extends Process>(process: P, runFolder: string, log: Log): Promise<Bus<P>> {
  const dropped = new Dropped(log);
  const speaker = process === 'taco' ? undefined : new Speaker(dropped, largestQuestionBytes[process]);
  if (speaker !== undefined) {
    makeOwnFolder(`${runFolder}/own`);
    await speaker.open(endpointOf(process, runFolder));
  }

  const listeners = new Map<Process, Listener>();
  const handlers = new Map<string, Anything>();

  const deliver = (name: string, bytes: Uint8Array): void => {
    const topic = name as Topic;
    const message = read(dropped, topic, () => decodeTopic(topic, bytes));
    if (message !== undefined) {
      handlers.get(topic)?.(message);
    }
  };

  const listenerOf = (peer: Process): Listener => {
    const known = listeners.get(peer);
    const listener = known ?? new Listener(endpointOf(peer, runFolder), topicsBetween(peer, process), deliver);
    listeners.set(peer, listener);
    return listener;
  };

  return {
    say(topic, message) {
      speaker?.say(topic, encodeTopic(topic, message));
    },
    hear(given) {
      for (const [topic, handler] of Object.entries(given)) {
        handlers.set(topic, handler as Anything);
        listenerOf(topics[topic as Topic].from);
      }
    },
    answer(answers) {
      speaker?.answer(async (name, bytes) => answerOne(dropped, answers, name as Request, bytes));
    },
    async ask(request, question, timeoutMs) {
      const bytes = await listenerOf(requests[request].to).ask(request, encodeQuestion(request, question), timeoutMs);
      return decodeAnswer(request, bytes);
    },
    async close() {
      for (const listener of listeners.values()) {
        listener.close();
      }

      await speaker?.close();
      dropped.close();
    },
  };
}

/** Closed before any socket is in it: a mode that is set on a socket afterwards comes too late. */
function makeOwnFolder(folder: string): void {
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700});
  } catch (cause) {
    throw new WorldError(
      `${folder}: cannot be made: ${(cause as Error).message}`,
      {code: 'ENDPOINT_UNUSABLE', endpoint: folder},
      {cause},
    );
  }
}

function topicsBetween(from: Process, to: Process): Topic[] {
  return (Object.keys(topics) as Topic[]).filter(
    topic => topics[topic].from === from && (topics[topic].to as readonly Process[]).includes(to),
  );
}

async function answerOne<P extends Process>(
  dropped: Dropped,
  answers: Answers<P>,
  request: Request,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  const answer = (answers as Readonly<Record<string, (question: unknown) => Promise<object>>>)[request];
  if (answer === undefined) {
    dropped.tell('not answered here', {request, reason: 'not answered here'});
    return undefined;
  }

  const question = read(dropped, request, () => decodeQuestion(request, bytes));
  return question === undefined ? undefined : encodeReply(request, await answer(question));
}

/** The decoded message, or undefined and one line. */
function read<Message>(dropped: Dropped, topic: Topic | Request, decode: () => Message): Message | undefined {
  try {
    return decode();
  } catch (error) {
    dropped.tell(topic, {topic, reason: (error as Error).message});
    return undefined;
  }
}
