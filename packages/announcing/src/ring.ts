import type {LevelerId} from '@tacoplex/vocabulary';
import type {AddressState, Peer, State, View} from './announcing.ts';

/**
 * The levelers that may hold shared addresses, ascending: members that live, stay, and whose links of both nets carry;
 * one that lacks either net would receive what it cannot send on. Those among them that reach no router or no server, or
 * fewer than half as many servers as another, hold nothing as long as there are others. Where it is the same for all
 * nobody gives way: a router need not answer.
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

function candidatesOf({peers}: View): readonly Peer[] {
  const able = peers.filter(canHold);
  const connected = able.filter(isConnected);
  const most = Math.max(0, ...connected.map(({reached}) => reached?.servers ?? 0));
  return connected.length === 0 ? able : connected.filter(peer => reachesEnough(peer, most));
}

function canHold({member, live, leaving, reachesA, reachesB}: Peer): boolean {
  return member && live && !leaving && reachesA && reachesB;
}

/** Not known to reach nobody on either net. */
function isConnected({reached}: Peer): boolean {
  return reached?.routers !== 0 && reached?.servers !== 0;
}

/**
 * Not known to reach fewer than half of the most servers that one reaches. Half, and not one fewer: when a server dies one
 * leveler misses it 200 ms before another, and no address is to move for that.
 */
function reachesEnough({reached}: Peer, most: number): boolean {
  return reached?.servers === undefined || 2 * reached.servers >= most;
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
