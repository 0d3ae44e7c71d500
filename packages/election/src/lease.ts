import {compareVersions, type Version} from '@tacoplex/vocabulary';
import type {Peer, Setup, State} from './election.ts';
import {chiefOf} from './side.ts';
import {isAlone, majoritySinceMs, set, type Turn} from './turn.ts';
import {isMember, isNewer, sameStamp} from './value.ts';

type Believer = Pick<Turn, 'setup' | 'state'>;

const never = Number.NEGATIVE_INFINITY;

/**
 * The lease of the data path runs from the moment for which it is proven that somebody who may say so let this leveler
 * serve, not from the moment at which that became known here.
 *
 * Proven is what an echo proves: when one of our beats is echoed, its speaker has heard us after that beat went out.
 * Whoever waits until our lease is over counts from when he last heard us, or from his election, for which a majority had
 * not to hear the leader before: both are later. So he waits for 1.1 leases of his own clock, and no message need say
 * when. An echo may be half a second old: a lease counted from its arrival would outlast that.
 */
export function renewLease(turn: Turn): void {
  noteLag(turn);
  const {setup, state} = turn;
  if (!isReady(setup, state) || state.charge.kind === 'stopped') {
    if (state.leaseFromMs !== never) {
      set(turn, {leaseFromMs: never});
    }

    return;
  }

  const provenMs = mayResume(turn) ? provenMsOf(turn) : undefined;
  const fromMs = Math.min(provenMs ?? never, state.lag?.sinceMs ?? Number.POSITIVE_INFINITY);
  if (fromMs > state.leaseFromMs) {
    set(turn, {leaseFromMs: fromMs});
  }
}

/**
 * Whoever lives, and whose data path does not follow what another's does, has no lease from later than when that was first
 * heard: whatever keeps it from that, after a lease it is out of the way. Where nobody's follows nobody is the worse for it.
 */
function noteLag(turn: Turn): void {
  const {lag, applied, nowMs} = turn.state;
  const newest = newestFollowed(turn);
  if (!isNewer(newest, applied?.version)) {
    if (lag !== undefined) {
      set(turn, {lag: undefined});
    }
  } else if (newest !== undefined && (lag === undefined || !isNewer(lag.version, applied?.version))) {
    set(turn, {lag: {version: newest, sinceMs: nowMs}});
  }
}

/** The newest version that the data path of another live leveler of this line follows. */
function newestFollowed({state}: Turn): Version | undefined {
  const lineage = state.held?.lineage;
  let newest: Version | undefined;
  for (const {live, said} of state.peers.values()) {
    if (live && said?.witness === false && said.lineage === lineage && isNewer(said.applied?.version, newest)) {
      newest = isNewer(said.applied?.version, said.committed) ? newest : said.applied?.version; // Of another line still
    }
  }

  return newest;
}

/**
 * A lease that ran out is not renewed by a leader before the data path follows what was committed in his term. Whoever waited
 * for it to end has gone on since, and moved bins perhaps. Who serves by its own right knows no better. A process that
 * began lately cannot know: the lease that its predecessor had may still run.
 */
function mayResume({setup, state}: Believer): boolean {
  const {leader, peers, committed, applied, term, nowMs, startedMs} = state;
  const isYoung = nowMs - startedMs < setup.timing.leaseMs;
  if (isYoung || !isLeaseOver(setup, state) || leader === undefined || isAlone({setup, state})) {
    return true;
  }

  const needed = leader === setup.id ? committed?.version : peers.get(leader)?.said?.committed;
  return (
    needed?.term === term &&
    committed !== undefined &&
    compareVersions(committed.version, needed) >= 0 &&
    sameStamp(applied, committed)
  );
}

/** A member with a data path that follows a committed state and has been level with a leader, or waited for one after its start. */
export function isReady({id, isWitness}: Setup, {held, committed, settled, removed}: State): boolean {
  return isWitness !== true && isMember(held, id) && !removed && committed !== undefined && settled;
}

export function isLeaseOver({timing}: Setup, {leaseFromMs, nowMs}: State): boolean {
  return nowMs >= leaseFromMs + timing.leaseMs;
}

/** How old the proof of the right to serve is; undefined: there is none now. */
export function proofAgeMs(turn: Believer): number | undefined {
  const provenMs = isReady(turn.setup, turn.state) ? provenMsOf(turn) : undefined;
  return provenMs === undefined || provenMs === never ? undefined : Math.max(0, Math.ceil(turn.state.nowMs - provenMs));
}

function provenMsOf(turn: Believer): number | undefined {
  const {setup, state} = turn;
  const {role, leader, charge, peers, nowMs} = state;
  if (isAlone(turn)) {
    return nowMs;
  }

  if (role.kind === 'leader') {
    return quorumMs(turn);
  }

  if (leader !== undefined) {
    return followedMs(peers.get(leader));
  }

  const chief = chiefOf(turn);
  return charge.kind !== 'caretaker' || chief === undefined
    ? undefined
    : chief === setup.id
      ? nowMs
      : followedMs(peers.get(chief));
}

/** From when on a majority, the leader included, has heard it. */
function quorumMs(turn: Believer): number {
  const lineage = turn.state.held?.lineage;
  const echoedMs = majoritySinceMs(turn, peer =>
    peer?.live === true && peer.said?.lineage === lineage ? peer.saidEchoMs : never,
  );
  return echoedMs ?? never;
}

/** Whom we follow heard us after the beat it echoes, and its own right is as old as it says. */
function followedMs(peer: Peer | undefined): number | undefined {
  const age = peer?.live === true ? peer.said?.proofAgeMs : undefined;
  return peer === undefined || age === undefined ? undefined : peer.saidEchoMs - age;
}
