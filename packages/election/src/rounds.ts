import type {LevelerId} from '@tacoplex/vocabulary';
import type {Memory, Role, State} from './election.ts';
import {act, set, type Turn} from './turn.ts';
import {isMember} from './value.ts';

/** Begin a later round: whoever led or stood in the one before does so no more. */
export function enterTerm(turn: Turn, term: number): void {
  set(turn, {term, votedFor: undefined, voteSaved: false});
  setLeader(turn, undefined);
  stepDown(turn);
}

/** Be neither leader nor candidate. Commands that were under way are given to the next leader by whoever asked. */
export function stepDown(turn: Turn): void {
  set(turn, {role: calmRole(turn), beatSoon: true});
}

export function calmRole({setup, state}: Turn): Role {
  return isMember(state.held, setup.id) ? {kind: 'follower', standAtMs: undefined} : {kind: 'joining'};
}

/** Know, or no longer know, who leads this term. */
export function setLeader(turn: Turn, leader: LevelerId | undefined): void {
  const {state} = turn;
  if (state.leader === leader) {
    return;
  }

  set(turn, {
    leader,
    leaderlessSinceMs: leader === undefined ? state.nowMs : state.leaderlessSinceMs,
    behindSinceMs: undefined,
    fetchedMs: undefined,
    asks: state.asks.map(ask => ({...ask, givenMs: undefined})),
    beatSoon: true,
  });
}

export function memoryOf({term, votedFor, committed, sound}: State): Memory {
  return {term, votedFor, committed: committed?.version, sound};
}

export function save(turn: Turn): void {
  act(turn, {kind: 'save', memory: memoryOf(turn.state)});
}
