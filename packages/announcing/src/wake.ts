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
  let wake = trustedSince === undefined ? never : earliest(probeAt(state) ?? never, reachAt(state) ?? never);
  if (trustedSince !== undefined && Number.isFinite(trusted)) {
    wake = earliest(wake, later(trusted, 1));
  }

  if (stoppingSince !== undefined) {
    wake = earliest(wake, later(stoppingSince, releaseMs));
  }

  for (const address of addresses) {
    wake = earliest(wake, wakeOf(state, address));
  }

  return wake === never ? undefined : wake;
}

const never = Number.POSITIVE_INFINITY as MonotonicMs;

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

function wakeOf(state: State, address: AddressState): MonotonicMs {
  const {holding, steal, contest, refreshAt} = address;
  const wake = holding ? (steal?.nextAt ?? refreshAt) : (findGrab(state, address)?.at ?? never);
  return contest === undefined ? wake : earliest(wake, contestDue(state, address, contest));
}

/**
 * A thief that died before its claim came has left the neighbours with a dead MAC: no waiting for the claim then. While the
 * elector asks whether others serve, he may be one of those: that is for the elector to find out.
 */
export function contestDue({view}: State, {defendedAt}: AddressState, {by, dueAt}: Contest): MonotonicMs {
  const thief = view?.peers.find(({id}) => id === by);
  return thief?.live === false && view?.probe === undefined ? earliest(dueAt, later(defendedAt, defenceMs)) : dueAt;
}
