import type {Beat, Header, Message, Net, Piece} from '@tacoplex/election';
import {tacoplex} from '@tacoplex/messages';
import {equalBytes, type LevelerId} from '@tacoplex/vocabulary';
import {type In, type Out, readEcho, readHex8, readId, writeEcho, writeHex8} from './beat.ts';
import {BeatRecall} from './beat-recall.ts';
import {encodeBeat} from './encode-beat.ts';
import {decodeMessage, encodeMessage} from './message.ts';

const {Datagram: codec, Chunk: chunkCodec, Missing: missingCodec} = tacoplex.cluster.v1;

/** The form of the protocol that is spoken here. */
const protocol = 1;

const nets = {a: 1, b: 2} as const;

export type Body = Beat | Message | Piece;
export type Unread = 'malformed' | 'wrong-cluster' | 'other-protocol' | 'unknown-kind';

/**
 * What stands in one datagram, without its envelope, from which the sender is known.
 *
 * @param cluster its tag: 8 bytes
 */
export function encodeDatagram(cluster: Uint8Array, header: Omit<Header, 'sender'>, body: Body): Uint8Array {
  const {nonce, sequence, net, to, echo} = header;
  const datagram: Out<'Datagram'> = {
    versionMin: protocol,
    versionMax: protocol,
    cluster,
    net: nets[net],
    nonce: writeHex8(nonce),
    sequence,
    to: to ?? 0,
    echo: echo === undefined ? undefined : writeEcho(echo),
    ...writeBody(body),
  };
  return codec.encode(datagram as never).finish();
}

/**
 * @param recall of the beats that were read before with the same one
 * @returns header and body, or why there are none
 */
export function decodeDatagram(
  cluster: Uint8Array,
  sender: LevelerId,
  bytes: Uint8Array,
  recall = new BeatRecall(),
): {readonly header: Header; readonly body: Body} | Unread {
  try {
    const datagram = codec.decode(bytes) as unknown as In<'Datagram'>;
    if (datagram.versionMin > protocol || datagram.versionMax < protocol) {
      return 'other-protocol';
    }

    if (!equalBytes(datagram.cluster, cluster)) {
      return 'wrong-cluster';
    }

    const body = readBody(datagram, beat => recall.read(sender, beat));
    return body === undefined ? 'unknown-kind' : {header: readHeader(sender, datagram), body};
  } catch {
    return 'malformed'; // Signed, and yet not to be read: counted, and nothing else
  }
}

function readHeader(sender: LevelerId, {net, nonce, sequence, to, echo}: In<'Datagram'>): Header {
  return {
    sender,
    nonce: readHex8(nonce),
    sequence,
    net: readNet(net),
    to: to === 0 ? undefined : readId(to),
    echo: echo ? readEcho(echo) : undefined,
  };
}

function readNet(net: number): Net {
  if (net !== nets.a && net !== nets.b) {
    throw new RangeError(`net ${net}`);
  }

  return net === nets.a ? 'a' : 'b';
}

/** A body is a value: it is encoded once, however often it is sent. */
const written = new WeakMap<Body, Out<'Datagram'>>();

function writeBody(body: Body): Out<'Datagram'> {
  const known = written.get(body) ?? encodeBody(body);
  written.set(body, known);
  return known;
}

function encodeBody(body: Body): Out<'Datagram'> {
  switch (body.kind) {
    case 'beat':
      return {beat: encodeBeat(body)};
    case 'chunk': {
      const {transfer, number, count, bytes} = body;
      return {chunk: chunkCodec.encode({transfer: writeHex8(transfer), number, count, bytes}).finish()};
    }
    case 'missing': {
      const {transfer, numbers} = body;
      return {missing: missingCodec.encode({transfer: writeHex8(transfer), numbers: [...numbers]}).finish()};
    }
    default:
      return {message: encodeMessage(body)};
  }
}

function readBody(
  {beat, message, chunk, missing}: In<'Datagram'>,
  takeBeat: (bytes: Uint8Array) => Beat,
): Body | undefined {
  if (beat) {
    return takeBeat(beat);
  }

  if (chunk) {
    const {transfer, number, count, bytes} = chunkCodec.decode(chunk) as unknown as In<'Chunk'>;
    return {kind: 'chunk', transfer: readHex8(transfer), number, count, bytes: Uint8Array.from(bytes)};
  }

  if (missing) {
    const {transfer, numbers} = missingCodec.decode(missing) as unknown as In<'Missing'>;
    return {kind: 'missing', transfer: readHex8(transfer), numbers};
  }

  return message ? decodeMessage(message) : undefined;
}
