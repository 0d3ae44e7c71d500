import type {LevelerId} from '@tacoplex/vocabulary';
import {astrayOf} from './astray.ts';
import type {About, Claim, Place, Tried, TriedHalf} from './beat.ts';
import type {Peer, Setup, State} from './election.ts';
import {type Stamp, sameStamp} from './value.ts';
import {ownView} from './view.ts';

type OwnView = ReturnType<typeof ownView>;

/** A state and what it says of its own leveler: looked at when it is new, and again as what was before the next one. */
export type Glimpse = {readonly state: State; readonly own: OwnView};

export function glimpseOf(setup: Setup, state: State): Glimpse {
  return {state, own: ownView(setup, state)};
}

/**
 * Whether a view of `later` tells something that one of `earlier` does not. Silences and leases grow all the time and are
 * no news, nor is whom others hear. Asked after each step, so it is cheap where little has changed.
 */
export function hasNews(setup: Setup, earlier: Glimpse, later: Glimpse): boolean {
  const [before, after] = [earlier.state, later.state];
  return (
    isOwnNews(earlier.own, later.own) ||
    before.held?.members !== after.held?.members ||
    before.leaving !== after.leaving ||
    !sameApplied(before.applied, after.applied) ||
    !sameAbout(before.about, after.about) ||
    before.peers.size !== after.peers.size ||
    !sameIds(astrayOf(setup, before), astrayOf(setup, after)) ||
    [...after.peers.values()].some(peer => isNews(before.peers.get(peer.id), peer))
  );
}

function sameIds(some: ReadonlySet<LevelerId>, others: ReadonlySet<LevelerId>): boolean {
  return some === others || (some.size === others.size && [...some].every(id => others.has(id)));
}

function isOwnNews(before: OwnView, after: OwnView): boolean {
  for (const field of Object.keys(after) as (keyof OwnView)[]) {
    if (field !== 'leaseFromMs' && before[field] !== after[field]) {
      return true;
    }
  }

  return false;
}

function isNews(before: Peer | undefined, after: Peer): boolean {
  const [was, is] = [before?.said, after.said];
  return (
    before?.live !== after.live ||
    (was !== is &&
      (was?.leaving !== is?.leaving ||
        !sameAbout(was?.about, is?.about) ||
        !sameApplied(was?.applied, is?.applied) ||
        was?.edition?.software !== is?.edition?.software ||
        was?.edition?.configDigest !== is?.edition?.configDigest))
  );
}

function sameApplied(one: Stamp | undefined, other: Stamp | undefined): boolean {
  return one === other || sameStamp(one, other);
}

function sameAbout(one: About | undefined, other: About | undefined): boolean {
  return (
    one === other ||
    (one?.name === other?.name &&
      samePlace(one?.a, other?.a) &&
      samePlace(one?.b, other?.b) &&
      one?.reachesA === other?.reachesA &&
      one?.reachesB === other?.reachesB &&
      one?.reached?.routers === other?.reached?.routers &&
      one?.reached?.servers === other?.reached?.servers &&
      one?.carrying?.whyNot === other?.carrying?.whyNot &&
      sameTried(one?.tried, other?.tried) &&
      one?.diskFault === other?.diskFault &&
      one?.claims.length === other?.claims.length &&
      one?.claims.every((claim, index) => sameClaim(claim, other?.claims[index])) === true)
  );
}

function sameTried(one: Tried | undefined, other: Tried | undefined): boolean {
  return one === other || (sameHalf(one?.there, other?.there) && sameHalf(one?.back, other?.back));
}

function sameHalf(one: TriedHalf | undefined, other: TriedHalf | undefined): boolean {
  return sameList(one?.passes, other?.passes) && sameList(one?.fails, other?.fails);
}

function sameList(one: readonly LevelerId[] = [], other: readonly LevelerId[] = []): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

function samePlace(one: Place | undefined, other: Place | undefined): boolean {
  return one?.address === other?.address && one?.mac === other?.mac;
}

function sameClaim(one: Claim, other: Claim | undefined): boolean {
  return (
    one.address === other?.address &&
    one.turn === other.turn &&
    one.holding === other.holding &&
    one.releasing === other.releasing
  );
}
