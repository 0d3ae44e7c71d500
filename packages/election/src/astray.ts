import type {LevelerId} from '@tacoplex/vocabulary';
import type {Peer, Setup, State} from './election.ts';
import {membersOf} from './turn.ts';
import {isMember, majorityOf} from './value.ts';

const nobody: ReadonlySet<LevelerId> = new Set();

/**
 * Levelers that are still live, but say that they do not hear this one and look for others to serve, while a majority is
 * heard without them. Their own words arrive, and prove for ten beats more that they heard us: so long would their claims
 * be believed, and shared addresses be left to them.
 */
export function astrayOf(setup: Setup, state: State): ReadonlySet<LevelerId> {
  if (state.charge.kind !== 'idle') {
    return nobody;
  }

  let lost: Set<LevelerId> | undefined;
  for (const peer of state.peers.values()) {
    if (peer.live && isAstray(setup.id, peer)) {
      lost = (lost ?? new Set()).add(peer.id);
    }
  }

  return lost !== undefined && isMajorityWithout(lost, setup, state) ? lost : nobody;
}

function isAstray(self: LevelerId, {said}: Peer): boolean {
  if (said === undefined || said.caretaking === 'idle') {
    return false;
  }

  const heard = said.echoes.find(({id}) => id === self)?.heard;
  return heard !== undefined && !heard.a && !heard.b;
}

function isMajorityWithout(lost: ReadonlySet<LevelerId>, {id: self}: Setup, {held, peers}: State): boolean {
  const members = membersOf(held);
  const together = members.filter(({id}) => id === self || (peers.get(id)?.live === true && !lost.has(id)));
  return isMember(held, self) && together.length >= majorityOf(members);
}
