import {familyOf, type LevelerId, type MonotonicMs} from '@tacoplex/vocabulary';
import type {Action, AddressState, AddressStep, Claim, Event, Net, State, Step, View} from './announcing.ts';
import {change, changeAddress} from './changing.ts';
import {claimsOf, followClaims, giveUp, noteVacancy} from './claims.ts';
import {findGrab} from './grabbing.ts';
import {forgetStrangers, hearArp} from './hearing.ts';
import {followProbe, keepProbing, noteAnswer} from './probing.ts';
import {takeToken} from './rate-limit.ts';
import {hearContact, keepReaching, tellReach} from './reaching.ts';
import {compareReach, isFit, ringOf} from './ring.ts';
import {defend, grab, sendRound, startSteal} from './stealing.ts';
import {later, releaseMs, trustMs} from './times.ts';
import {contestDue, trustEnds} from './wake.ts';

/** Take one event, then do all that its time makes due. Changes of claims and holders are told here and nowhere else. */
export function step(state: State, event: Event): Step {
  if (state.stopped) {
    return [state, []];
  }

  const [heard, heardActions] = hear(state, event);
  const [due, dueActions] = keepTime(checkTrust(heard, event.at), event);
  const [next, stopActions] = tryStop(due, event.at);
  const told = [...heardActions, ...dueActions, ...tellChanges(state, next), ...stopActions];
  return told.length === 0 ? [next, told] : limitSending(next, told, event.at);
}

function hear(state: State, event: Event): Step {
  switch (event.kind) {
    case 'viewHeard':
      return hearView(state, event.view, event.at);
    case 'arpHeard':
      return hearFrame(checkTrust(state, event.at), event);
    case 'serversChanged':
      return [change(state, {servers: event.servers.filter(ip => familyOf(ip) === 'ipv4')}), []];
    case 'linkUp':
      return tellAgain(moveTo(state, event), event.net, event.at);
    case 'stop':
      return [change(state, {stoppingSince: state.stoppingSince ?? event.at}), []];
    case 'timeCame':
      return [state, []];
  }
}

function hearFrame(state: State, event: Extract<Event, {kind: 'arpHeard'}>): Step {
  const {net, frame, at} = event;
  const [noted, told] = noteAnswer(hearContact(state, event), event);
  const [next, actions] = eachAddress(noted, address =>
    address.net === net ? hearArp(noted, address, frame, at) : [address, []],
  );
  return [next, [...told, ...actions]];
}

/** A view that is older than the last one, or than can be trusted, says at most who has which MAC. */
function hearView(state: State, told: View, at: MonotonicMs): Step {
  if (state.view !== undefined && told.saidAt < state.view.saidAt) {
    return [state, []];
  }

  const view = compareReach(state.view, told);
  if (at - view.saidAt > trustMs) {
    return [change(state, {view}), []];
  }

  // A silence that ended only now is a silence: nothing held before it is held after it.
  const awake = checkTrust(state, at);
  const trusted = change(awake, {
    view,
    trustedSince: awake.trustedSince ?? at,
    forbiddenAt: view.mayHold ? awake.forbiddenAt : at,
    adopted: true,
  });
  const next = followProbe(trusted, view, at);
  const {self} = state.settings;
  const hasReturned = view.peers.some(({id, live}) => live && id !== self && isSilent(state.view, id));
  return eachAddress(next, address => {
    const [followed, actions] = followClaims(address, self, view, at, !state.adopted, hasReturned);
    return [view.mayHold ? followed : letGo(followed, self), actions];
  });
}

/** Others serve: hold it no more, and remember that nobody is known who does. */
function letGo(address: AddressState, self: LevelerId): AddressState {
  return address.holding ? changeAddress(giveUp(address), {holder: undefined, lastHolder: self}) : address;
}

/** Whether a leveler that was known was not heard. One that nobody knew held nothing. */
function isSilent(view: View | undefined, id: LevelerId): boolean {
  return view?.peers.some(peer => peer.id === id && !peer.live) ?? false;
}

/** Who cannot trust the elector's word holds nothing. */
function checkTrust(state: State, at: MonotonicMs): State {
  return state.trustedSince === undefined || at <= trustEnds(state)
    ? state
    : change(state, {
        trustedSince: undefined,
        addresses: state.addresses.map(address =>
          changeAddress(giveUp(address), {
            holder: undefined,
            lastHolder: address.holder ?? address.lastHolder,
            vacantSince: undefined,
            rivals: [],
          }),
        ),
      });
}

function moveTo(state: State, {net, mac, source}: Extract<Event, {kind: 'linkUp'}>): State {
  const {macs, sources} = state;
  return change(state, {
    macs: {...macs, [net]: mac},
    sources: sources && source !== undefined ? {...sources, [net]: source} : sources,
  });
}

/** Switches and neighbours may have forgotten us while the link was down. */
function tellAgain(state: State, net: Net, at: MonotonicMs): Step {
  return eachAddress(state, address =>
    address.net === net && address.holding ? startSteal(state, address, at, true, 'steals') : [address, []],
  );
}

function keepTime(state: State, event: Event): Step {
  const {view, trustedSince} = state;
  const {at} = event;
  if (view === undefined || trustedSince === undefined) {
    return [state, []];
  }

  const [probing, probes] = keepProbing(state, event);
  const [asked, asks] = keepReaching(probing, event);
  const [next, actions] = eachAddress(asked, (address, latestState) =>
    keepAddress(latestState, noteVacancy(address, view, at), at),
  );
  return [next, [...probes, ...asks, ...actions]];
}

function keepAddress(state: State, address: AddressState, at: MonotonicMs): AddressStep {
  const [alone, goneActions] = forgetStrangers(address, at);
  const [next, actions] = alone.holding ? keepHolding(state, alone, at) : tryGrab(state, alone, at);
  return [next, [...goneActions, ...actions]];
}

function tryGrab(state: State, address: AddressState, at: MonotonicMs): AddressStep {
  const due = findGrab(state, address);
  return due !== undefined && at >= due.at ? grab(state, address, due, at) : [address, []];
}

function keepHolding(state: State, address: AddressState, at: MonotonicMs): AddressStep {
  const {contest, steal, refreshAt} = address;
  if (contest !== undefined && at >= contestDue(state, address, contest)) {
    return defend(state, address, at);
  }

  return steal === undefined && at >= refreshAt
    ? startSteal(state, address, at, false, 'refreshes')
    : sendRound(state, address, at);
}

function tryStop(state: State, at: MonotonicMs): Step {
  const {stoppingSince, view, settings, addresses} = state;
  if (stoppingSince === undefined) {
    return [state, []];
  }

  const isHolding = addresses.some(({holding}) => holding);
  const isAlone = view === undefined || ringOf(view).every(id => id === settings.self);
  return isHolding && !isAlone && at < later(stoppingSince, releaseMs)
    ? [state, []]
    : [change(state, {stopped: true, addresses: addresses.map(giveUp)}), [{kind: 'tellStopped'}]];
}

/** One function over all addresses; each sees what became of those before it. */
function eachAddress(state: State, take: (address: AddressState, latest: State) => AddressStep): Step {
  const told: Action[] = [];
  let latest = state;
  let index = 0;
  for (const address of state.addresses) {
    const [next, actions] = take(address, latest);
    told.push(...actions);
    latest = next === address ? latest : change(latest, {addresses: latest.addresses.with(index, next)});
    index++;
  }

  return [latest, told];
}

function tellChanges(before: State, after: State): Action[] {
  return [...(before.reach === after.reach ? [] : tellReach(before, after)), ...tellClaims(before, after)];
}

function tellClaims(before: State, after: State): Action[] {
  if (before.addresses === after.addresses && isFit(before) === isFit(after)) {
    return [];
  }

  const claims = claimsOf(after);
  const isSame = sameClaims(claimsOf(before), claims);
  const holders = after.addresses.flatMap((address, index): Action[] => {
    const {ip, net, holder, turn} = address;
    const old = before.addresses[index];
    return old?.holder === holder && (holder === undefined || old?.turn === turn)
      ? []
      : [{kind: 'tellHolder', ip, net, holder, turn}];
  });
  return [...holders, ...(isSame ? [] : [{kind: 'sayClaims', claims} as const])];
}

function sameClaims(some: readonly Claim[], others: readonly Claim[]): boolean {
  return some.every((one, index) => {
    const other = others[index];
    return one.turn === other?.turn && one.holding === other.holding && one.releasing === other.releasing;
  });
}

/** Let through what the limits of each net allow; the first frames of a burst count most and stand first. */
function limitSending(state: State, actions: readonly Action[], at: MonotonicMs): Step {
  let {limits} = state;
  const allowed = actions.map((action): Action => {
    if (action.kind !== 'send' || !action.limited) {
      return action;
    }

    const left = takeToken(limits[action.net], at);
    limits = left === undefined ? limits : {...limits, [action.net]: left};
    return left === undefined ? {kind: 'count', counter: 'rate-limited'} : action;
  });
  return [limits === state.limits ? state : change(state, {limits}), allowed];
}
