import type {LevelerId} from '@tacoplex/vocabulary';
import type {Peer} from './election.ts';
import {strongest} from './lineage.ts';
import {send, set, type Turn} from './turn.ts';
import {isNewer, stampOf} from './value.ts';

/** A proposal on its way gets this long before the state is asked for. */
const patienceMs = 40;

/** Between two requests for the same state: a large one takes a while. */
const repeatMs = 250;

/** Ask for the state that this leveler lacks, if it lacks one and somebody has it. */
export function seek(turn: Turn): void {
  const source = sourceOf(turn);
  const {nowMs, fetchedMs, held} = turn.state;
  if (source === undefined || (fetchedMs !== undefined && nowMs - fetchedMs < repeatMs)) {
    return;
  }

  set(turn, {fetchedMs: nowMs});
  send(turn, source, {kind: 'fetch', have: held === undefined ? undefined : stampOf(held)});
}

function sourceOf({state}: Turn): LevelerId | undefined {
  const {leader, behindSinceMs, nowMs, sound, role} = state;
  if (leader !== undefined && role.kind !== 'leader') {
    return behindSinceMs !== undefined && nowMs - behindSinceMs >= patienceMs ? leader : undefined;
  }

  return sound && role.kind !== 'joining'
    ? undefined
    : newestHolder(state.held?.lineage, [...state.peers.values()], state.held?.version);
}

type Version = NonNullable<Peer['said']>['committed'];

/** Who holds the newest state of the lineage, or of the strongest one, that is newer than what is held here. */
function newestHolder(own: string | undefined, peers: readonly Peer[], held: Version): LevelerId | undefined {
  const speakers = peers.filter(({live, said}) => live && said?.held !== undefined);
  const lineage = own ?? strongest(speakers.map(({said}) => said).filter(said => said !== undefined))?.lineage;
  let best: Peer | undefined;
  for (const peer of speakers.filter(({said}) => said?.lineage === lineage)) {
    const better = isNewer(peer.said?.held?.version, best?.said?.held?.version ?? held);
    best = better || (best !== undefined && isEqualButLeading(peer, best)) ? peer : best;
  }

  return best?.id;
}

function isEqualButLeading(peer: Peer, best: Peer): boolean {
  return peer.said?.role === 'leader' && !isNewer(best.said?.held?.version, peer.said.held?.version);
}
