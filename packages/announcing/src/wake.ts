import type {MonotonicMs} from '@tacoplex/vocabulary';
import type {AddressState, Contest, State} from './announcing.ts';
import {findGrab} from './grabbing.ts';
import {defenceMs, earliest, later, releaseMs, trustMs} from './times.ts';

/** When the shell must come back with `timeCame`, if nothing else happens; undefined: not at all. */
export function wakeAt(state: State): MonotonicMs | undefined {
  const {view, trustedSince, stoppingSince, stopped, addresses} = state;
  if (stopped) {
    return undefined;
  }

  const times = [
    ...(view === undefined || trustedSince === undefined ? [] : [later(view.saidAt, trustMs + 1)]),
    ...(stoppingSince === undefined ? [] : [later(stoppingSince, releaseMs)]),
    ...addresses.flatMap(address => wakesOf(state, address)),
  ];
  return times.length === 0 ? undefined : earliest(...times);
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
