import type {MonotonicMs} from '@tacoplex/vocabulary';
import type {AddressState, Contest, State} from './announcing.ts';
import {findGrab} from './grabbing.ts';
import {probeAt} from './probing.ts';
import {reachAt} from './reaching.ts';
import {isOnlyMember} from './ring.ts';
import {defenceMs, earliest, later, releaseMs, trustMs} from './times.ts';

/** When the shell must come back with `timeCame`, if nothing else happens; undefined: not at all. */
export function wakeAt(state: State): MonotonicMs | undefined {
  const {trustedSince, stoppingSince, stopped, addresses} = state;
  if (stopped) {
    return undefined;
  }

  const trusted = trustEnds(state);
  const asks = trustedSince === undefined ? [] : [probeAt(state), reachAt(state)];
  const times = [
    ...asks.filter(askAt => askAt !== undefined),
    ...(trustedSince === undefined || !Number.isFinite(trusted) ? [] : [later(trusted, 1)]),
    ...(stoppingSince === undefined ? [] : [later(stoppingSince, releaseMs)]),
    ...addresses.flatMap(address => wakesOf(state, address)),
  ];
  return times.length === 0 ? undefined : earliest(...times);
}

/**
 * Until when the elector's last word counts; infinities: not at all, for ever. Nobody takes over from the only member of a
 * cluster, so one whose elector falls silent only does harm by letting go. The data path follows the same rule.
 */
export function trustEnds({view, settings}: State): MonotonicMs {
  if (view === undefined) {
    return Number.NEGATIVE_INFINITY as MonotonicMs;
  }

  const isForEver = view.mayForward && isOnlyMember(view, settings.self);
  return isForEver ? (Number.POSITIVE_INFINITY as MonotonicMs) : later(view.saidAt, trustMs);
}

function wakesOf(state: State, address: AddressState): MonotonicMs[] {
  const {holding, steal, contest, refreshAt} = address;
  const grabAt = findGrab(state, address)?.at;
  return [
    ...(grabAt === undefined ? [] : [grabAt]),
    ...(holding ? [steal?.nextAt ?? refreshAt] : []),
    ...(contest === undefined ? [] : [contestDue(state, address, contest)]),
  ];
}

/** A thief that died before its claim came has left the neighbours with a dead MAC: no waiting for the claim then. */
export function contestDue({view}: State, {defendedAt}: AddressState, {by, dueAt}: Contest): MonotonicMs {
  const thief = view?.peers.find(({id}) => id === by);
  return thief?.live === false ? earliest(dueAt, later(defendedAt, defenceMs)) : dueAt;
}
