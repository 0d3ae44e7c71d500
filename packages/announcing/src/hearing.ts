import type {ArpFrame, ArpPacket} from '@tacoplex/frames';
import {broadcastMac} from '@tacoplex/frames';
import type {LevelerId, MacAddress, MonotonicMs} from '@tacoplex/vocabulary';
import type {Action, AddressState, AddressStep, Contest, Counter, State, Stranger} from './announcing.ts';
import {answer} from './arp-frames.ts';
import {changeAddress} from './changing.ts';
import {learn, levelerBehind} from './neighbours.ts';
import {isFit, isInRing} from './ring.ts';
import {acknowledge} from './stealing.ts';
import {defenceMs, later, latest, settleMs, sightingMs, strangerDefenceMs, strangerMs} from './times.ts';

/** Strangers remembered for one address; more are counted, not listed. */
export const strangerLimit = 16;

/** Take a frame heard on the address's net: somebody claims it, asks for it, or answers us about it. */
export function hearArp(state: State, address: AddressState, frame: ArpFrame, at: MonotonicMs): AddressStep {
  const {arp, source, destination} = frame;
  const own = state.macs[address.net];
  if (source === own) {
    return [address, []];
  }

  if (arp.senderIp === address.ip) {
    return hearRival(state, address, frame, at);
  }

  if (arp.targetIp !== address.ip) {
    return [address, []];
  }

  if (arp.operation === 'request') {
    const learnt = learn(state, address, arp.senderIp, arp.senderMac, at);
    return [learnt, answerTo(state, learnt, arp, destination)];
  }

  return address.holding && destination === own
    ? acknowledge(state, address, arp.senderIp, arp.senderMac, at)
    : [address, []];
}

/**
 * Answer for the address. To all, only its holder answers. Whoever asks us alone believes that we hold it and will
 * delete its entry if nobody answers: it is told the holder's MAC; if nobody is known to hold it, ours, since what
 * reaches us is forwarded all the same.
 */
function answerTo(state: State, address: AddressState, question: ArpPacket, destination: MacAddress): Action[] {
  const own = state.macs[address.net];
  if (destination !== own && (destination !== broadcastMac || !address.holding)) {
    return state.trustedSince === undefined && destination === broadcastMac ? [count('unanswered-untrusted')] : [];
  }

  if (state.trustedSince === undefined) {
    return [count('unanswered-untrusted')];
  }

  const other = address.holding ? undefined : holdersMac(state, address);
  if (other === undefined && !address.holding && !isFit(state)) {
    return [count('unanswered-unfit')];
  }

  return [
    {kind: 'send', net: address.net, frame: answer(question, own, other ?? own), limited: false},
    count(other === undefined ? 'answers' : 'answers-for-holder'),
  ];
}

/** The MAC of a holder that serves. */
function holdersMac({view}: State, {holder, net}: AddressState): MacAddress | undefined {
  if (view === undefined || holder === undefined || !isInRing(view, holder)) {
    return undefined;
  }

  return view.peers.find(({id}) => id === holder)?.macs[net];
}

function count(counter: Counter): Action {
  return {kind: 'count', counter};
}

/** Somebody uses the address as its own. Until all levelers have had time to be heard of, nobody is called a stranger. */
function hearRival(state: State, address: AddressState, frame: ArpFrame, at: MonotonicMs): AddressStep {
  const {source, destination} = frame;
  const leveler = levelerBehind(state, address.net, source);
  if (leveler !== undefined) {
    return [destination === broadcastMac ? seeSteal(address, leveler, at) : address, []];
  }

  const isSettled = state.trustedSince !== undefined && at >= later(state.trustedSince, settleMs);
  return isSettled ? meetStranger(address, source, at) : [address, []];
}

/**
 * A leveler steals on the wire. Only claims, which are signed, take the address from its holder; the sight of a steal
 * keeps others from grabbing too, and makes a holder say again that it holds it if no claim follows.
 */
function seeSteal(address: AddressState, by: LevelerId, at: MonotonicMs): AddressState {
  if (address.holding) {
    return contest(address, {by, dueAt: later(at, sightingMs)});
  }

  return by === address.holder ? address : changeAddress(address, {sighting: {by, at}});
}

function meetStranger(address: AddressState, mac: MacAddress, at: MonotonicMs): AddressStep {
  const known = address.strangers.get(mac);
  const isListed = known !== undefined || address.strangers.size < strangerLimit;
  const stranger: Stranger = {since: known?.since ?? at, lastAt: at};
  const noted = isListed
    ? changeAddress(address, {strangers: new Map([...address.strangers, [mac, stranger]])})
    : address;
  const isNews = known === undefined && isListed;
  return [
    noted.holding ? contest(noted, {by: undefined, dueAt: at}) : noted,
    [...(isNews ? [{kind: 'tellStranger', ip: address.ip, mac} as const] : []), count('conflicts')],
  ];
}

/** The first contest stands until it is answered: whoever shouts again does not put the answer off, nor multiply it. */
function contest(address: AddressState, {by, dueAt}: Contest): AddressState {
  const due = latest(dueAt, later(address.defendedAt, by === undefined ? strangerDefenceMs : defenceMs));
  return changeAddress(address, {contest: address.contest ?? {by, dueAt: due}});
}

/** Drop strangers that have been silent for a minute. */
export function forgetStrangers(address: AddressState, at: MonotonicMs): AddressStep {
  if (address.strangers.size === 0) {
    return [address, []];
  }

  const gone = [...address.strangers].filter(([, {lastAt}]) => at - lastAt >= strangerMs);
  if (gone.length === 0) {
    return [address, []];
  }

  const strangers = new Map([...address.strangers].filter(([, {lastAt}]) => at - lastAt < strangerMs));
  return [
    changeAddress(address, {strangers}),
    gone.map(([mac, {since, lastAt}]) => ({
      kind: 'tellStrangerGone',
      ip: address.ip,
      mac,
      stayedMs: lastAt - since,
    })),
  ];
}
