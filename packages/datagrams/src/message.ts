import type {Errand, Message, Outcome, Proposal} from '@tacoplex/election';
import {tacoplex} from '@tacoplex/messages';
import {ipFromBytes, ipToBytes, type LevelerId} from '@tacoplex/vocabulary';
import {
  type In,
  type Out,
  readHex8,
  readId,
  readStamp,
  readVersion,
  writeHex8,
  writeStamp,
  writeVersion,
} from './beat.ts';

const codec = tacoplex.cluster.v1.Message;

export function encodeMessage(message: Message): Uint8Array {
  return codec.encode(writeMessage(message) as never).finish();
}

/** @returns undefined if it is of a kind that is not known here @throws RangeError, Error if it cannot be read */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  return readMessage(codec.decode(bytes) as unknown as In<'Message'>);
}

export function writeMessage(message: Message): Out<'Message'> {
  switch (message.kind) {
    case 'preVoteAsked':
    case 'voteAsked':
      return {[message.kind]: {term: message.term, version: writeVersion(message.version)}};
    case 'preVoteAnswered':
    case 'voteAnswered':
      return {[message.kind]: {term: message.term, granted: message.granted}};
    case 'fetch':
      return {fetch: {have: writeStamp(message.have)}};
    case 'proposal':
      return {proposal: writeProposal(message)};
    case 'commandForwarded':
      return {commandForwarded: {request: writeHex8(message.request), command: message.command}};
    case 'commandResult':
      return {commandResult: {request: writeHex8(message.request), ...writeOutcome(message.outcome)}};
    case 'leaveAsked':
      return {leaveAsked: {...message, request: writeHex8(message.request)}};
    case 'leaveAnswered':
      return {
        leaveAnswered: {
          ...message,
          request: writeHex8(message.request),
          held: message.held.map(address => ipToBytes(address)),
        },
      };
  }
}

/** @returns undefined if it is of a kind that is not known here @throws RangeError */
export function readMessage(message: In<'Message'>): Message | undefined {
  const {preVoteAsked, preVoteAnswered, voteAsked, voteAnswered, fetch, proposal, commandForwarded, commandResult} =
    message;
  if (preVoteAsked || voteAsked) {
    return readAsked(preVoteAsked ? 'preVoteAsked' : 'voteAsked', (preVoteAsked ?? voteAsked) as In<'VoteAsked'>);
  }

  if (preVoteAnswered || voteAnswered) {
    const {term, granted} = (preVoteAnswered ?? voteAnswered) as In<'VoteAnswered'>;
    return {kind: preVoteAnswered ? 'preVoteAnswered' : 'voteAnswered', term, granted};
  }

  if (fetch) {
    return {kind: 'fetch', have: readStamp(fetch.have)};
  }

  if (proposal) {
    return readProposal(proposal);
  }

  if (commandForwarded) {
    const {request, command} = commandForwarded;
    return {kind: 'commandForwarded', request: readHex8(request), command: Uint8Array.from(command)};
  }

  return commandResult
    ? {kind: 'commandResult', request: readHex8(commandResult.request), outcome: readOutcome(commandResult)}
    : readErrand(message);
}

function readErrand({leaveAsked, leaveAnswered}: In<'Message'>): Errand | undefined {
  if (leaveAsked) {
    const {request, stay, force} = leaveAsked;
    return {kind: 'leaveAsked', request: readHex8(request), stay, force};
  }

  if (leaveAnswered) {
    const {request, refusal, advice, held} = leaveAnswered;
    return {kind: 'leaveAnswered', request: readHex8(request), refusal, advice, held: held.map(ipFromBytes)};
  }

  return undefined;
}

function readAsked(kind: 'preVoteAsked' | 'voteAsked', {term, version}: In<'VoteAsked'>): Message {
  return {kind, term, version: readVersion(version) ?? refuse('a candidate names its state')};
}

function writeProposal({term, leading, newcomer, stamp, content}: Proposal): Out<'Proposal'> {
  return {
    term,
    leading,
    newcomer,
    stamp: writeStamp(stamp),
    ...(content.kind === 'whole'
      ? {whole: content.bytes}
      : {patch: {from: writeStamp(content.from), bytes: content.bytes}}),
  };
}

function readProposal({term, leading, newcomer, stamp, patch, whole}: In<'Proposal'>): Proposal {
  const named = readStamp(stamp) ?? refuse('a proposal names its state');
  const content = patch
    ? ({
        kind: 'patch',
        from: readStamp(patch.from) ?? refuse('a patch names what it changes'),
        bytes: patch.bytes,
      } as const)
    : ({kind: 'whole', bytes: whole ?? new Uint8Array()} as const);
  return {kind: 'proposal', term, leading, newcomer, stamp: named, content};
}

export function writeOutcome({version, ...outcome}: Outcome) {
  return {...outcome, version: writeVersion(version)};
}

function readOutcome(message: In<'CommandResult'>): Outcome {
  const {refusal, advice, changes, version, kept, applied, missing, fenced} = message;
  const ids = (numbers: readonly number[]): LevelerId[] => numbers.map(readId);
  return {
    refusal,
    advice,
    changes,
    version: readVersion(version),
    kept: ids(kept),
    applied: ids(applied),
    missing: ids(missing),
    fenced: ids(fenced),
  };
}

function refuse(why: string): never {
  throw new RangeError(why);
}
