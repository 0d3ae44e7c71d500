import type {LevelerId} from '@tacoplex/vocabulary';
import {heardOn, mostEchoes} from './beating.ts';
import type {Net, Peer, Setup, State} from './election.ts';

/** Whom one leveler hears, and on which nets. */
export type Hears = {
  readonly heard: readonly Hearing[];
  /** Nothing is known of those that are missing in `heard`; else they are not heard. */
  readonly isPartial: boolean;
};

export type Hearing = {readonly id: LevelerId} & Readonly<Record<Net, boolean>>;

/** Whom this leveler hears. */
export function ownHears(setup: Setup, state: State): Hears {
  const heard = [...state.peers.values()].map(peer => ({id: peer.id, ...heardOn(setup, state, peer)}));
  return {heard: heard.filter(({a, b}) => a || b), isPartial: false};
}

/** Whom another leveler hears, by the echoes of its newest beat. What a suspect one said last is not true any more. */
export function saidHears(peer: Peer | undefined): Hears {
  if (peer?.said === undefined || !peer.live) {
    return {heard: [], isPartial: true};
  }

  const {echoes} = peer.said;
  const told = echoes.flatMap(({id, heard}) => (heard === undefined ? [] : [{id, ...heard}]));
  return {
    heard: told.filter(({a, b}) => a || b),
    isPartial: told.length < echoes.length || echoes.length >= mostEchoes,
  };
}
