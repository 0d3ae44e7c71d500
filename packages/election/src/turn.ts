import type {LevelerId} from '@tacoplex/vocabulary';
import {copyOf} from './copying.ts';
import type {Action, Leader, Message, News, Peer, Setup, State} from './election.ts';
import {isMember, majorityOf, type Value} from './value.ts';

/** One step while it is taken: the state so far, and the actions so far. Lives no longer than the step. */
export type Turn = {readonly setup: Setup; state: State; readonly actions: Action[]};

export function set(turn: Turn, changes: Partial<State>): void {
  turn.state = Object.assign(copyOf(turn.state), changes);
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

export function setPeer(turn: Turn, peer: Peer): void {
  set(turn, {peers: new Map(turn.state.peers).set(peer.id, peer)});
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
  return membersOf(state.held).filter(({id}) => id === setup.id || state.peers.get(id)?.live === true).length;
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
