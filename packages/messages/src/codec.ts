import {
  type Answer,
  type Asked,
  type Incoming,
  type Outgoing,
  type Question,
  type Reply,
  type Request,
  requests,
  type Topic,
  topics,
} from './catalogue.ts';

type AnyCodec = {encode(message: object): {finish(): Uint8Array}; decode(bytes: Uint8Array): object};

const codecOf = (codec: object): AnyCodec => codec as AnyCodec; // One generated shape for all messages

export function encodeTopic<T extends Topic>(topic: T, message: Outgoing<T>): Uint8Array {
  return codecOf(topics[topic].codec).encode(message).finish();
}

/** @throws RangeError or Error if the bytes are not such a message */
export function decodeTopic<T extends Topic>(topic: T, bytes: Uint8Array): Incoming<T> {
  return codecOf(topics[topic].codec).decode(bytes) as Incoming<T>;
}

export function encodeQuestion<R extends Request>(request: R, question: Question<R>): Uint8Array {
  return codecOf(requests[request].ask).encode(question).finish();
}

/** @throws RangeError or Error if the bytes are not such a question */
export function decodeQuestion<R extends Request>(request: R, bytes: Uint8Array): Asked<R> {
  return codecOf(requests[request].ask).decode(bytes) as Asked<R>;
}

export function encodeReply<R extends Request>(request: R, reply: Reply<R>): Uint8Array {
  return codecOf(requests[request].answer).encode(reply).finish();
}

/** @throws RangeError or Error if the bytes are not such an answer */
export function decodeAnswer<R extends Request>(request: R, bytes: Uint8Array): Answer<R> {
  return codecOf(requests[request].answer).decode(bytes) as Answer<R>;
}
