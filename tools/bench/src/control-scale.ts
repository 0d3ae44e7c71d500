import {randomBytes} from 'node:crypto';
import {deflateRawSync} from 'node:zlib';
import {type ClusterState, carryOut, encodePatch, encodeState, firstState, type Operation} from '@tacoplex/cluster';
import {type Body, encodeDatagram, encodeMessage, envelopeBytes, pieceBytes} from '@tacoplex/datagrams';
import type {Beat, Header, Message, Proposal} from '@tacoplex/election';
import {ipFromBytes, type LevelerId} from '@tacoplex/vocabulary';

/** What stands around a datagram's payload: UDP, IPv4, Ethernet with its check sequence. */
export const frameBytes = 8 + 20 + 14 + 4;

/** Frames and their bytes. */
export type Weight = {readonly frames: number; readonly bytes: number};

/** The bytes that proposals carry. */
export type Contents = {readonly patch: Uint8Array; readonly whole: Uint8Array};

const tag = randomBytes(8);

/**
 * What an elector would put on the wire to say this, in the frames that it would need.
 *
 * @param contents take the place of what a proposal carries: simulated states are small
 */
export function weigh({sender: _, ...header}: Header, said: Beat | Message, contents: Contents): Weight {
  if (said.kind === 'beat') {
    return {frames: 1, bytes: sizeOf(header, said)};
  }

  const message = said.kind === 'proposal' ? fillIn(said, contents) : said;
  const encoded = encodeMessage(message);
  return encoded.length <= pieceBytes
    ? {frames: 1, bytes: sizeOf(header, message)}
    : weighPieces(header, deflateRawSync(encoded, {level: 1}));
}

/** Pieces go to one of the nets each, so that both nets' copies of a large message are one. */
function weighPieces(header: Omit<Header, 'sender'>, deflated: Uint8Array): Weight {
  const count = Math.ceil(deflated.length / pieceBytes);
  const sizes = Array.from({length: count}, (_, number) => {
    const bytes = deflated.subarray(number * pieceBytes, (number + 1) * pieceBytes);
    return sizeOf(header, {kind: 'chunk', transfer: '0123456789abcdef', number, count, bytes});
  });
  return header.net === 'a' ? {frames: count, bytes: sum(sizes)} : {frames: 0, bytes: 0};
}

function sizeOf(header: Omit<Header, 'sender'>, body: Body): number {
  return encodeDatagram(tag, header, body).length + envelopeBytes + frameBytes;
}

function fillIn(proposal: Proposal, {patch, whole}: Contents): Proposal {
  const {content} = proposal;
  return {...proposal, content: {...content, bytes: content.kind === 'patch' ? patch : whole}};
}

/** A state of this many servers in one group, and what one more server changes in it. */
export function contentsOf(servers: number): Contents {
  const before = addServers(servers);
  const after = addServer(before, servers);
  return {patch: encodePatch(before, after), whole: encodeState(after)};
}

function addServers(count: number): ClusterState {
  const leveler = 1 as LevelerId;
  let state = firstState({
    cluster: 'bench',
    hashKey: randomBytes(16),
    members: [{id: leveler, name: 'leveler1'}],
    version: {term: 1, leader: leveler, nonce: '0123456789abcdef', index: 1},
  });
  for (let index = 0; index < count; index++) {
    state = addServer(state, index);
  }

  return state;
}

function addServer(state: ClusterState, index: number): ClusterState {
  const operation: Operation = {
    kind: 'addServer',
    name: `server${index}`,
    address: ipFromBytes(Uint8Array.of(10, 0, 2 + (index >> 8), index & 255)),
    group: '',
    weight: 100,
  };
  const result = carryOut(state, {id: index.toString(16).padStart(32, '0'), uid: 0, operation});
  if (result.kind !== 'done') {
    throw new Error(`server${index} is not added: ${JSON.stringify(result)}`);
  }

  return result.state;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}
