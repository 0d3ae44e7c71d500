import type {Action, Event, Memory, Setup, ShownKeys, State, Step, Value} from '@tacoplex/election';
import {toyOf} from './toy-content.ts';

/** A rule of the election that the simulator can switch off, from outside: the code has no such switch. */
export const weaknesses = [
  'pre-vote',
  'freshness',
  'vote-persistence',
  'nonce',
  'check-quorum',
  'probe',
  'lease',
  'key-wait',
  'soundness',
  'storing',
] as const;
export type Weakness = (typeof weaknesses)[number];

/**
 * Without freshness: whoever asks for a vote seems to hold the newest state. Without nonce: any echo seems to be mine.
 * Without probe: nobody seems to answer on net A.
 */
export function weakenEvent(without: Weakness | undefined, {nonce, id}: Setup, event: Event): Event {
  if (without === 'probe' && event.kind === 'probed') {
    return {...event, answeredBy: [], provenBy: []};
  }

  if (event.kind !== 'heard') {
    return event;
  }

  const {header, body} = event;
  if (without === 'freshness' && (body.kind === 'voteAsked' || body.kind === 'preVoteAsked')) {
    return {...event, body: {...body, version: {...body.version, term: Number.MAX_SAFE_INTEGER}}};
  }

  if (without === 'nonce') {
    const echo = header.echo?.id === id ? {...header.echo, nonce} : header.echo;
    const seen =
      body.kind === 'beat' ? {...body, echoes: body.echoes.map(one => (one.id === id ? {...one, nonce} : one))} : body;
    return {...event, header: {...header, echo}, body: seen};
  }

  return event;
}

/** Without lease: what once forwards goes on. @returns until when the data path forwards */
export function leaseOf(without: Weakness | undefined, beforeMs: number, untilMs: number): number {
  return without === 'lease' && beforeMs > 0 ? Number.POSITIVE_INFINITY : untilMs;
}

/** Without check-quorum: whoever leads and hears no majority goes on leading. */
export function weakenStep(without: Weakness | undefined, before: State, taken: Step): Step {
  const [after, actions] = taken;
  return without === 'check-quorum' && actions.some(isResignation)
    ? [{...after, role: before.role, leader: before.leader}, actions]
    : taken;
}

function isResignation(action: Action): boolean {
  return action.kind === 'tell' && action.news.kind === 'resigned';
}

/** Without pre-vote: whoever asks for pre-votes has them. @returns the events that stand for the answers */
export function weakenAction(
  without: Weakness | undefined,
  action: Action,
): {to: number; event: FakeAnswer} | undefined {
  return without === 'pre-vote' && action.kind === 'send' && action.message.kind === 'preVoteAsked'
    ? {
        to: action.to,
        event: {
          kind: 'told',
          from: action.to,
          message: {kind: 'preVoteAnswered', term: action.message.term, granted: true},
        },
      }
    : undefined;
}

/** Without key-wait: all members seem to show what the last key step wanted of them, heard or not. */
export function weakenShown(without: Weakness | undefined, value: Value, shown: ShownKeys): ShownKeys {
  const {keys} = toyOf(value).keys;
  const current = keys.find(({stage}) => stage === 'current');
  if (without !== 'key-wait' || current === undefined) {
    return shown;
  }

  const all = {accepts: keys.map(({fingerprint}) => fingerprint), sends: current.fingerprint};
  return new Map(value.members.map(({id}) => [id, all]));
}

type Told = Extract<Event, {kind: 'told'}>;
type FakeAnswer = Pick<Told, 'kind' | 'from' | 'message'>;

/** Without vote persistence: the file says which term it is, not whom the vote went to. */
export function weakenMemory(without: Weakness | undefined, memory: Memory): Memory {
  const {votedFor, sound} = memory;
  return {
    ...memory,
    votedFor: without === 'vote-persistence' ? undefined : votedFor,
    sound: weakenSoundness(without, sound),
  };
}

/** Without soundness: every file seems to be of a process that knew all that its leveler had promised. */
export function weakenSoundness(without: Weakness | undefined, sound: boolean): boolean {
  return sound || without === 'soundness';
}
