import type {LevelerId, MonotonicMs} from '@tacoplex/vocabulary';
import type {AddressState, Peer, State, View} from './announcing.ts';
import {fewerMs} from './times.ts';
import {type Half, halves} from './trying.ts';

/**
 * The levelers that may hold shared addresses, ascending: members that live, stay, and whose links of both nets carry;
 * one that lacks either net would receive what it cannot send on. Those among them that do not carry clients' frames, that
 * others' pings do not get through, that reach no router or no server, or have for a while reached fewer servers than
 * another, hold nothing as long as there are others. Where it is the same for all nobody gives way: a router need not answer.
 */
export function ringOf(view: View): LevelerId[] {
  return candidatesOf(view)
    .map(({id}) => id)
    .sort((one, other) => one - other);
}

/** Whether one leveler is in the ring. */
export function isInRing(view: View, id: LevelerId): boolean {
  return candidatesOf(view).some(candidate => candidate.id === id);
}

function candidatesOf({peers, saidAt}: View): readonly Peer[] {
  const able = ableOf(peers);
  const connected = able.filter(isConnected);
  return connected.length === 0 ? able : connected.filter(peer => !isBehind(peer, saidAt));
}

/** Those that carry clients' frames and that pings get through; if there are none, all that may hold addresses. */
function ableOf(peers: readonly Peer[]): readonly Peer[] {
  const able = preferred(peers.filter(canHold), carries);
  return preferred(able, ({id}) => !halves.some(half => isBarred(able, id, half)));
}

/** Those that are meant; if there are none, all. */
function preferred(peers: readonly Peer[], isMeant: (peer: Peer) => boolean): readonly Peer[] {
  const meant = peers.filter(isMeant);
  return meant.length === 0 ? peers : meant;
}

/**
 * Whether pings do not get through a leveler as those say who reach routers and servers, nobody of whom has got one through, and they
 * do get through another.
 */
function isBarred(peers: readonly Peer[], id: LevelerId, half: Half): boolean {
  const words = peers.filter(isConnected).flatMap(({tried}) => tried?.[half] ?? []);
  const passes = words.flatMap(word => word.passes);
  return (
    words.some(({fails}) => fails.includes(id)) && !passes.includes(id) && peers.some(peer => passes.includes(peer.id))
  );
}

/** Note of each leveler since when it has reached fewer servers than another that may hold addresses. */
export function compareReach(before: View | undefined, view: View): View {
  const most = Math.max(0, ...ableOf(view.peers).filter(isConnected).map(serversOf));
  const isFewer = (peer: Peer): boolean => peer.reached?.servers !== undefined && serversOf(peer) < most;
  if (!view.peers.some(isFewer)) {
    return view;
  }

  const sinceOf = ({id}: Peer): MonotonicMs => before?.peers.find(peer => peer.id === id)?.fewerSince ?? view.saidAt;
  const peers = view.peers.map(peer => (isFewer(peer) ? {...peer, fewerSince: sinceOf(peer)} : peer));
  return {...view, peers};
}

/**
 * Whether a leveler other than this one may hold addresses, is not known to reach nobody on one of the nets, and reaches at
 * least so many servers.
 */
export function isAnotherConnected({peers}: View, self: LevelerId, servers: number): boolean {
  return ableOf(peers).some(
    peer => peer.id !== self && isConnected(peer) && (peer.reached?.servers ?? servers) >= servers,
  );
}

function serversOf({reached}: Peer): number {
  return reached?.servers ?? 0;
}

function canHold({member, live, leaving, reachesA, reachesB}: Peer): boolean {
  return member && live && !leaving && reachesA && reachesB;
}

/** Not known to carry nothing. */
function carries(peer: Peer): boolean {
  return peer.carries !== false;
}

/** Not known to reach nobody on either net. */
function isConnected({reached}: Peer): boolean {
  return reached?.routers !== 0 && reached?.servers !== 0;
}

function isBehind({fewerSince}: Peer, at: MonotonicMs): boolean {
  return fewerSince !== undefined && at - fewerSince >= fewerMs;
}

/** Those that were heard and are no members do not count: without this leveler's elector they do not become any. */
export function isOnlyMember({peers}: View, self: LevelerId): boolean {
  const members = peers.filter(({member}) => member);
  return members.length === 1 && members[0]?.id === self;
}

/** Whether we may hold addresses: trusted, in the ring, allowed to forward, and not about to stop. */
export function isFit({view, trustedSince, stoppingSince, settings}: State): boolean {
  return (
    view !== undefined &&
    trustedSince !== undefined &&
    stoppingSince === undefined &&
    view.mayForward &&
    isInRing(view, settings.self)
  );
}

/** The ring in the order in which it takes an address that nobody serves: from behind its last holder, or from its starter. */
export function ringAfter(ring: readonly LevelerId[], {holder, lastHolder, index}: AddressState): LevelerId[] {
  const origin = holder ?? lastHolder;
  if (origin === undefined) {
    return rotate(ring, index);
  }

  const behind = ring.findIndex(id => id > origin);
  return rotate(ring, behind === -1 ? 0 : behind);
}

/** @param start any whole number from 0 on; counted round and round */
export function rotate<T>(list: readonly T[], start: number): T[] {
  const first = list.length === 0 ? 0 : start % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}
