import type {LevelerId} from '@tacoplex/vocabulary';
import {type Draft, draftOf} from './copying.ts';
import type {Action, Leader, Message, News, Peer, Setup, State} from './election.ts';
import {isMember, majorityOf, type Value} from './value.ts';

/** One step while it is taken: the state so far, and the actions so far. Lives no longer than the step. */
export type Turn = {readonly setup: Setup; state: State; readonly actions: Action[]};

export function set(turn: Turn, changes: Partial<State>): void {
  turn.state = Object.assign(draftOf(turn.state), changes);
}

export function act(turn: Turn, action: Action): void {
  turn.actions.push(action);
}

export function send(turn: Turn, to: LevelerId, message: Message): void {
  act(turn, {kind: 'send', to, message});
}

export function tell(turn: Turn, news: News): void {
  act(turn, {kind: 'tell', news});
}

/** In place, for a datagram is what happens most: the state of a turn is its own copy from the moment it notes the time. */
export function setPeer(turn: Turn, peer: Peer): void {
  const state: Draft<State> = turn.state;
  state.peers = state.peers.with(peer);
}

/** Change the role of a leader; nothing if it leads no more. */
export function setLeading(turn: Turn, changes: Partial<Omit<Leader, 'kind'>>): void {
  const {role} = turn.state;
  if (role.kind === 'leader') {
    set(turn, {role: {...role, ...changes}});
  }
}

/** Members in the held state that are heard, this leveler included if it is one. */
export function countHeard({setup, state}: Pick<Turn, 'setup' | 'state'>): number {
  let count = 0;
  for (const {id} of membersOf(state.held)) {
    count += id === setup.id || state.peers.get(id)?.live === true ? 1 : 0;
  }

  return count;
}

/**
 * From when on as many other members as make a majority with this leveler have all done something.
 *
 * Asked after each event, so it sorts in place, by insertion: a sort by comparison takes ten times as long for so few.
 *
 * @param sinceMs since when one has, of whom nothing may be known
 * @returns undefined: no other member is needed, or there are too few
 */
export function majoritySinceMs(
  {setup, state}: Pick<Turn, 'setup' | 'state'>,
  sinceMs: (peer: Peer | undefined) => number,
): number | undefined {
  const members = membersOf(state.held);
  const latest: number[] = [];
  for (const {id} of members) {
    if (id !== setup.id) {
      insertDescending(latest, sinceMs(state.peers.get(id)));
    }
  }

  return latest[majorityOf(members) - 2];
}

function insertDescending(numbers: number[], number: number): void {
  let at = numbers.push(number) - 1;
  while (at > 0 && (numbers[at - 1] as number) < number) {
    numbers[at] = numbers[at - 1] as number;
    at--;
  }

  numbers[at] = number;
}

export function hasMajority(turn: Pick<Turn, 'setup' | 'state'>): boolean {
  const {held} = turn.state;
  return held !== undefined && isMember(held, turn.setup.id) && countHeard(turn) >= majorityOf(held.members);
}

export function membersOf(held: Value | undefined): Value['members'] {
  return held?.members ?? [];
}

/** The other members of the held state. */
export function othersOf({setup, state}: Pick<Turn, 'setup' | 'state'>): Value['members'] {
  return membersOf(state.held).filter(({id}) => id !== setup.id);
}

export function isAlone(turn: Pick<Turn, 'setup' | 'state'>): boolean {
  return membersOf(turn.state.held).length === 1 && isMember(turn.state.held, turn.setup.id);
}
