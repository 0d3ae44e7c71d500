import type {IpAddress, MacAddress, MonotonicMs} from '@tacoplex/vocabulary';
import type {Action, AddressState, AddressStep, Counter, State} from './announcing.ts';
import {askAs, gratuitousPair} from './arp-frames.ts';
import {changeAddress} from './changing.ts';
import {nextTurn} from './claims.ts';
import type {Grab} from './grabbing.ts';
import {forget, learn, neighboursOf} from './neighbours.ts';
import {defenceMs, later, refreshMs, roundGapsMs} from './times.ts';

const rounds = 3;

/** Take an address: hold it, with a turn above all heard of, and tell the neighbours. */
export function grab(state: State, address: AddressState, {reason}: Grab, at: MonotonicMs): AddressStep {
  const turn = nextTurn(address);
  const held = changeAddress(address, {
    holding: true,
    holder: state.settings.self,
    turn,
    since: at,
    highest: turn,
    lastHolder: address.holder ?? address.lastHolder,
    vacantSince: undefined,
    sighting: undefined,
  });
  const [stealing, actions] = startSteal(state, held, at, true, 'steals');
  return [stealing, [{kind: 'tellGrab', ip: address.ip, turn, reason}, ...actions]];
}

/**
 * Say again that the address is ours, because somebody said otherwise; with a new turn if a higher one was heard of. To all neighbours
 * in three rounds; once more so soon, by the broadcast pair alone.
 */
export function defend(state: State, address: AddressState, at: MonotonicMs): AddressStep {
  const turn = address.highest > address.turn ? nextTurn(address) : address.turn;
  const calm = changeAddress(address, {turn, highest: turn, contest: undefined, defendedAt: at});
  return at < later(address.defendedAt, defenceMs)
    ? [calm, [{kind: 'count', counter: 'defences'}, ...pairOf(state, calm)]]
    : startSteal(state, calm, at, true, 'defences');
}

/** Begin to tell the neighbours; the first round goes at once. */
export function startSteal(
  state: State,
  address: AddressState,
  at: MonotonicMs,
  gratuitous: boolean,
  counter: Counter,
): AddressStep {
  const steal = {round: 0, nextAt: at, pending: neighboursOf(state, address), gratuitous};
  const [next, actions] = sendRound(state, changeAddress(address, {steal, refreshAt: later(at, refreshMs)}), at);
  return [next, [{kind: 'count', counter}, ...actions]];
}

/** Send the round that is due, or end the steal after the last. */
export function sendRound(state: State, address: AddressState, at: MonotonicMs): AddressStep {
  const {steal} = address;
  if (steal === undefined || at < steal.nextAt) {
    return [address, []];
  }

  const {round, pending} = steal;
  if (round === rounds) {
    const unanswered = pending.map((): Action => ({kind: 'count', counter: 'unacknowledged'}));
    return [changeAddress(forget(state, address, pending), {steal: undefined}), unanswered];
  }

  const nextAt = later(at, roundGapsMs[round + 1] ?? 0);
  return [changeAddress(address, {steal: {...steal, round: round + 1, nextAt}}), roundOf(state, address, steal)];
}

function pairOf({macs}: State, {ip, net}: AddressState): Action[] {
  return gratuitousPair(ip, macs[net]).map(frame => ({kind: 'send', net, frame, limited: true}));
}

function roundOf(
  {macs}: State,
  {ip, net, neighbours}: AddressState,
  steal: NonNullable<AddressState['steal']>,
): Action[] {
  const own = macs[net];
  const frames = [
    ...(steal.gratuitous ? gratuitousPair(ip, own) : []),
    ...steal.pending.map(neighbour => askAs(ip, own, neighbour, neighbours.get(neighbour)?.mac)),
  ];
  return frames.map(frame => ({kind: 'send', net, frame, limited: true}));
}

/** A neighbour answered a question that we asked in the address's name: it has heard of us. */
export function acknowledge(
  state: State,
  address: AddressState,
  ip: IpAddress,
  mac: MacAddress,
  at: MonotonicMs,
): AddressStep {
  const known = learn(state, address, ip, mac, at);
  const {steal} = known;
  if (steal === undefined || !steal.pending.includes(ip)) {
    return [known, []];
  }

  const pending = steal.pending.filter(other => other !== ip);
  return [
    changeAddress(known, {steal: pending.length === 0 ? undefined : {...steal, pending}}),
    [{kind: 'count', counter: 'acknowledged'}],
  ];
}
