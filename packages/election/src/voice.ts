import {becomeSound} from './following.ts';
import {isAlone, othersOf, set, type Turn} from './turn.ts';
import {isMember, isNewer} from './value.ts';

/**
 * A member that cannot know its last vote gives none and acknowledges nothing, until one of these holds:
 *
 * - it is the only member;
 * - it hears every other member, and holds a state no older than theirs: whoever its lost votes were for is among
 *   them and has the term, and whatever its lost acknowledgements helped to commit is with one of them;
 * - at least half of the members follow one leader of a term, it is level with that leader, who has committed in that
 *   term, and it has been running for a lease: no candidacy its lost votes belonged to is still open.
 */
export function recoverVoice(turn: Turn): void {
  const {setup, state} = turn;
  if (state.sound || !isMember(state.held, setup.id) || !state.kept) {
    return;
  }

  if (isAlone(turn)) {
    becomeSound(turn, 'alone');
  } else if (hearsAll(turn)) {
    recover(turn, 'all-heard');
  } else if (followsMajority(turn)) {
    recover(turn, 'majority-heard');
  }
}

/** Not to vote again in a term in which it may have voted already. */
function recover(turn: Turn, why: 'all-heard' | 'majority-heard'): void {
  const terms = othersOf(turn).map(({id}) => turn.state.peers.get(id)?.said?.term ?? 0);
  const term = Math.max(turn.state.term, ...terms);
  set(turn, {term, votedFor: turn.setup.id, voteSaved: true});
  becomeSound(turn, why);
}

function hearsAll(turn: Turn): boolean {
  const {state} = turn;
  return othersOf(turn).every(({id}) => {
    const peer = state.peers.get(id);
    return (
      peer?.live === true &&
      peer.said?.sound === true &&
      peer.said.lineage === state.held?.lineage &&
      !isNewer(peer.said?.held?.version, state.held?.version)
    );
  });
}

function followsMajority(turn: Turn): boolean {
  const {setup, state} = turn;
  const {leader, held, term, startedMs, nowMs} = state;
  const leading = leader === undefined ? undefined : state.peers.get(leader)?.said;
  if (held === undefined || leading?.committed?.term !== term || nowMs - startedMs < setup.timing.leaseMs) {
    return false;
  }

  const followers = othersOf(turn).filter(({id}) => {
    const peer = state.peers.get(id);
    return peer?.live === true && peer.said?.sound === true && peer.said.term === term && peer.said.leader === leader;
  });
  return followers.length >= Math.ceil(held.members.length / 2) && !isNewer(leading.held?.version, held.version);
}
