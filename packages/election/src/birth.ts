import type {Setup, State} from './election.ts';
import {leadFirst} from './leading.ts';
import {act, set, type Turn} from './turn.ts';
import type {Member, Value} from './value.ts';

/**
 * How long it must be quiet before blank levelers make a cluster: nobody with a state heard, and nobody new. Long
 * enough for levelers that are started together to hear each other.
 */
export const birthWaitMs = 1000;

/** Make a new cluster of all blank levelers that hear each other, if this is the lowest of them and nobody has a state. */
export function considerBirth(turn: Turn): void {
  const {setup, state} = turn;
  if (state.held !== undefined || state.leaving || state.nowMs - state.newsMs < birthWaitMs) {
    return;
  }

  const members = [...blankPeers(state), ownMembership(setup)].sort((one, other) => one.id - other.id);
  if (members.find(({witness}) => witness !== true)?.id === setup.id) {
    set(turn, {newsMs: state.nowMs});
    act(turn, {kind: 'found', members, version: {term: 1, leader: setup.id, nonce: setup.nonce, index: 1}});
  }
}

/** A leveler as it becomes a member. */
export function ownMembership({id, name, isWitness}: Pick<Setup, 'id' | 'name' | 'isWitness'>): Member {
  return isWitness === true ? {id, name, witness: true} : {id, name};
}

function blankPeers({peers}: State): Member[] {
  return [...peers.values()].flatMap(({id, live, said}) =>
    live && said !== undefined && said.lineage === undefined && !said.leaving
      ? [ownMembership({id, name: said.about.name, isWitness: said.witness})]
      : [],
  );
}

/** The first state is made: unless one was heard of meanwhile, it is kept and led. */
export function takeFounded(turn: Turn, value: Value): void {
  if (turn.state.held === undefined) {
    leadFirst(turn, value);
  }
}
