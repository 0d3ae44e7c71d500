import {familyOf, type LevelerId, type MonotonicMs} from '@tacoplex/vocabulary';
import type {AddressState, Reason, State, View} from './announcing.ts';
import {isReleasing} from './claims.ts';
import {isFit, ringAfter, ringOf, rotate} from './ring.ts';
import {graspStepMs, later, latest, settleMs, sightingMs, startStepMs, turnStepMs} from './times.ts';

/** When we take an address, unless something changes before. */
export type Grab = {readonly at: MonotonicMs; readonly reason: Reason};

/**
 * When and why we are to take an address; undefined: not as things stand.
 *
 * Vacant: each leveler of the ring waits 10 ms longer than the one before it, so that the first that can takes it and
 * the others see it do so. At the end of a turn: the next holder at once, the ones after it a second later each.
 */
export function findGrab(state: State, address: AddressState): Grab | undefined {
  const {view, trustedSince, forbiddenAt} = state;
  if (address.holding || view === undefined || trustedSince === undefined || !view.mayTake || !isFit(state)) {
    return undefined;
  }

  const {vacantSince, sighting} = address;
  const settledAt = later(latest(trustedSince, forbiddenAt), settleMs);
  const readyAt = sighting === undefined ? settledAt : latest(settledAt, later(sighting.at, sightingMs));
  if (vacantSince !== undefined) {
    return findVacancy(state, address, view, latest(vacantSince, readyAt));
  }

  const turn = state.settings.dwellMs === 0 ? undefined : findTurn(state, address, ringOf(view));
  return turn && {...turn, at: latest(turn.at, readyAt)};
}

function findVacancy({settings}: State, address: AddressState, view: View, from: MonotonicMs): Grab | undefined {
  const distance = ringAfter(ringOf(view), address).indexOf(settings.self);
  const reason = reasonOf(address, view);
  const stepMs = reason === 'nobody held it' ? startStepMs : graspStepMs;
  return distance === -1 ? undefined : {at: later(from, distance * stepMs), reason};
}

function reasonOf(address: AddressState, view: View): Reason {
  if (address.holder === undefined && address.lastHolder === undefined) {
    return 'nobody held it';
  }

  return isReleasing(address, view) ? 'its holder released it' : 'its holder is lost';
}

/**
 * The first address of a net goes to the next leveler in the ring when its turn has lasted for the dwell. The others go
 * to their place behind the first one's holder as soon as they are out of it, but no sooner than half a dwell after they
 * moved: so they keep their distances, and spread again by themselves after a failure has put two on one leveler.
 */
function findTurn(state: State, address: AddressState, ring: readonly LevelerId[]): Grab | undefined {
  const {dwellMs, self} = state.settings;
  const leader = address.index === 0 ? undefined : state.addresses.find(candidate => isLeaderOf(candidate, address));
  const place = leader?.holder === undefined ? -1 : ring.indexOf(leader.holder);
  const isLed = leader !== undefined && place !== -1;
  const order = isLed ? rotate(ring, place + address.index) : ringAfter(ring, address);
  if (order[0] === address.holder) {
    return undefined;
  }

  const dueAt = isLed ? latest(leader.since, later(address.since, dwellMs / 2)) : later(address.since, dwellMs);
  const rank = order.filter(id => id !== address.holder).indexOf(self);
  return rank === -1 ? undefined : {at: later(dueAt, rank * turnStepMs), reason: 'our turn'};
}

function isLeaderOf(candidate: AddressState, {net, ip}: AddressState): boolean {
  return candidate.index === 0 && candidate.net === net && familyOf(candidate.ip) === familyOf(ip);
}
