import type {Peer, State} from './election.ts';

/** A copy that its maker may still change. */
export type Draft<T> = {-readonly [Key in keyof T]: T[Key]};

/**
 * An equal object, to be changed and then kept. Field by field: that costs a twentieth of a spread, which the engine
 * does one property at a time when there are so many.
 */
export function draftOf(state: State): Draft<State> {
  return {
    nowMs: state.nowMs,
    startedMs: state.startedMs,
    judgeFromMs: state.judgeFromMs,
    beat: state.beat,
    lastBeatMs: state.lastBeatMs,
    nextBeatMs: state.nextBeatMs,
    isPulled: state.isPulled,
    beatSoon: state.beatSoon,
    beatsAtMs: state.beatsAtMs,
    about: state.about,
    departed: state.departed,
    bereft: state.bereft,
    leaving: state.leaving,
    peers: state.peers,
    twin: state.twin,
    role: state.role,
    term: state.term,
    votedFor: state.votedFor,
    voteSaved: state.voteSaved,
    sound: state.sound,
    leader: state.leader,
    leaderlessSinceMs: state.leaderlessSinceMs,
    held: state.held,
    kept: state.kept,
    committed: state.committed,
    applied: state.applied,
    settled: state.settled,
    removed: state.removed,
    leaseFromMs: state.leaseFromMs,
    lag: state.lag,
    charge: state.charge,
    fetchedMs: state.fetchedMs,
    behindSinceMs: state.behindSinceMs,
    newsMs: state.newsMs,
    rival: state.rival,
    asks: state.asks,
  };
}

/** The same for a peer. */
export function draftOfPeer(peer: Peer): Draft<Peer> {
  return {
    id: peer.id,
    nonce: peer.nonce,
    live: peer.live,
    freshMs: peer.freshMs,
    heardMs: peer.heardMs,
    beat: peer.beat,
    windows: peer.windows,
    saidSequence: peer.saidSequence,
    said: peer.said,
    saidEchoMs: peer.saidEchoMs,
    former: peer.former,
  };
}
