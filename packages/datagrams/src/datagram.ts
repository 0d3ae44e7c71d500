import type {Beat, Header, Message, Net, Piece} from '@tacoplex/election';
import {tacoplex} from '@tacoplex/messages';
import {equalBytes, type LevelerId} from '@tacoplex/vocabulary';
import {type In, type Out, readBeat, readEcho, readHex8, readId, writeBeat, writeEcho, writeHex8} from './beat.ts';
import {readMessage, writeMessage} from './message.ts';

const codec = tacoplex.cluster.v1.Datagram;

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

/** @returns header and body, or why there are none */
export function decodeDatagram(
  cluster: Uint8Array,
  sender: LevelerId,
  bytes: Uint8Array,
): {readonly header: Header; readonly body: Body} | Unread {
  try {
    const datagram = codec.decode(bytes) as unknown as In<'Datagram'>;
    if (datagram.versionMin > protocol || datagram.versionMax < protocol) {
      return 'other-protocol';
    }

    if (!equalBytes(datagram.cluster, cluster)) {
      return 'wrong-cluster';
    }

    const body = readBody(datagram);
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

function writeBody(body: Body): Out<'Datagram'> {
  switch (body.kind) {
    case 'beat':
      return {beat: writeBeat(body)};
    case 'chunk':
      return {chunk: {transfer: writeHex8(body.transfer), number: body.number, count: body.count, bytes: body.bytes}};
    case 'missing':
      return {missing: {transfer: writeHex8(body.transfer), numbers: body.numbers}};
    default:
      return {message: writeMessage(body)};
  }
}

function readBody({beat, message, chunk, missing}: In<'Datagram'>): Body | undefined {
  if (beat) {
    return readBeat(beat);
  }

  if (chunk) {
    const {transfer, number, count, bytes} = chunk;
    return {kind: 'chunk', transfer: readHex8(transfer), number, count, bytes: Uint8Array.from(bytes)};
  }

  if (missing) {
    return {kind: 'missing', transfer: readHex8(missing.transfer), numbers: missing.numbers};
  }

  return message ? readMessage(message) : undefined;
}
