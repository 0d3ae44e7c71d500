import type {LevelerId, MonotonicMs} from '@tacoplex/vocabulary';
import type {Action, AddressState, AddressStep, Claim, Peer, State, View} from './announcing.ts';
import {changeAddress} from './changing.ts';
import {isFit, isInRing} from './ring.ts';
import {defenceMs, later, latest} from './times.ts';

type Standing = {readonly holder: LevelerId; readonly turn: number};

const highestTurn = 0xffff_ffff;

/** The turn of whoever takes the address now: one over the highest heard of. */
export function nextTurn({highest}: AddressState): number {
  return Math.min(highest + 1, highestTurn);
}

/** What we say of our addresses, for the beats of our elector. */
export function claimsOf(state: State): Claim[] {
  const fit = isFit(state);
  return state.addresses.map(({ip, turn, highest, holding}) => ({
    ip,
    turn: holding ? turn : highest,
    holding,
    releasing: holding && !fit,
  }));
}

/**
 * Take the claims of a view: the highest turn of a live leveler stands, of equal turns the lower id's. Who loses
 * stops holding at once. Claims of levelers that are not live count for the height of the turn only.
 *
 * @param adopt whether our own claim in the view is news: the one that a predecessor of this process left
 * @param hasReturned whether a leveler is heard that was not: unheard, it may have told the neighbours that it holds
 */
export function followClaims(
  address: AddressState,
  self: LevelerId,
  view: View,
  at: MonotonicMs,
  adopt: boolean,
  hasReturned: boolean,
): AddressStep {
  let best: Standing | undefined = address.holding ? {holder: self, turn: address.turn} : undefined;
  let {highest} = address;
  const rivals: LevelerId[] = [];
  for (const peer of view.peers) {
    const {turn, holding} = claimOf(peer, address) ?? noClaim;
    highest = Math.max(highest, turn);
    if (holding && isLive(peer, self, adopt)) {
      best = better(best, {holder: peer.id, turn});
      if (peer.id !== self) {
        rivals.push(peer.id);
      }
    }
  }

  const isSame = rivals.length === address.rivals.length && rivals.every((id, index) => id === address.rivals[index]);
  const seen = changeAddress(address, {highest, rivals: isSame ? address.rivals : rivals});
  const isNewRival = rivals.some(id => !address.rivals.includes(id));
  return best?.holder === self ? keep(seen, best, at, isNewRival || hasReturned) : follow(seen, best, at);
}

const noClaim = {turn: 0, holding: false};

function better(one: Standing | undefined, other: Standing): Standing {
  return one === undefined || other.turn > one.turn || (other.turn === one.turn && other.holder < one.holder)
    ? other
    : one;
}

function isLive({id, live}: Peer, self: LevelerId, adopt: boolean): boolean {
  return id === self ? adopt : live;
}

function claimOf({claims}: Peer, {ip}: AddressState): Claim | undefined {
  return claims.find(claim => claim.ip === ip);
}

/** Ours stands. A leveler that begins to claim less has told the neighbours too, or may have: tell them again. */
function keep(address: AddressState, {holder, turn}: Standing, at: MonotonicMs, isDoubtful: boolean): AddressStep {
  const contested = isDoubtful && address.holding;
  return [
    changeAddress(address, {
      holding: true,
      holder,
      turn,
      since: address.holding ? address.since : at,
      sighting: undefined,
      contest: contested ? {by: undefined, dueAt: latest(at, later(address.defendedAt, defenceMs))} : address.contest,
    }),
    [],
  ];
}

function follow(address: AddressState, best: Standing | undefined, at: MonotonicMs): AddressStep {
  const isNews = best?.holder !== address.holder || (best !== undefined && best.turn !== address.turn);
  const yields: Action[] = address.holding ? [{kind: 'count', counter: 'yields'}] : [];
  return [
    changeAddress(giveUp(address), {
      holder: best?.holder,
      turn: best?.turn ?? address.turn,
      since: isNews ? at : address.since,
      lastHolder: isNews ? (address.holder ?? address.lastHolder) : address.lastHolder,
      sighting: address.sighting?.by === best?.holder ? undefined : address.sighting,
    }),
    yields,
  ];
}

/** The address without anything that only its holder does. */
export function giveUp(address: AddressState): AddressState {
  return changeAddress(address, {holding: false, steal: undefined, contest: undefined});
}

/** Note since when the address wants another holder: nobody claims it, or whoever does cannot serve it or releases it. */
export function noteVacancy(address: AddressState, view: View, at: MonotonicMs): AddressState {
  const {holder, holding} = address;
  const isServed = holding || (holder !== undefined && isInRing(view, holder) && !isReleasing(address, view));
  const vacantSince = isServed ? undefined : (address.vacantSince ?? at);
  return vacantSince === address.vacantSince ? address : changeAddress(address, {vacantSince});
}

export function isReleasing(address: AddressState, view: View): boolean {
  const holder = view.peers.find(({id}) => id === address.holder);
  return holder !== undefined && claimOf(holder, address)?.releasing === true;
}
