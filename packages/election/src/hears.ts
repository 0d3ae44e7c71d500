import type {LevelerId} from '@tacoplex/vocabulary';
import type {Net} from './beat.ts';
import {heardOn, mostEchoes} from './beating.ts';
import type {Peer, Setup, State} from './election.ts';

/** Whom one leveler hears, and on which nets. */
export type Hears = {
  readonly heard: readonly Hearing[];
  /** Nothing is known of those that are missing in `heard`; else they are not heard. */
  readonly isPartial: boolean;
};

export type Hearing = {readonly id: LevelerId} & Readonly<Record<Net, boolean>>;

/** Whom this leveler hears. */
export function ownHears(setup: Setup, state: State): Hears {
  const heard: Hearing[] = [];
  for (const peer of state.peers.values()) {
    const {a, b} = heardOn(setup, state, peer);
    if (a || b) {
      heard.push({id: peer.id, a, b});
    }
  }

  return {heard, isPartial: false};
}

/** Whom another leveler hears, by the echoes of its newest beat. What a suspect one said last is not true any more. */
export function saidHears(peer: Peer | undefined): Hears {
  if (peer?.said === undefined || !peer.live) {
    return {heard: [], isPartial: true};
  }

  const {echoes} = peer.said;
  const heard: Hearing[] = [];
  let isPartial = echoes.length >= mostEchoes;
  for (const echo of echoes) {
    isPartial ||= echo.heard === undefined;
    if (echo.heard?.a === true || echo.heard?.b === true) {
      heard.push({id: echo.id, a: echo.heard.a, b: echo.heard.b});
    }
  }

  return {heard, isPartial};
}
