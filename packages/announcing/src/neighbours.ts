import {type IpAddress, isInside, type MacAddress, type MonotonicMs} from '@tacoplex/vocabulary';
import type {AddressState, Neighbour, Net, State} from './announcing.ts';
import {changeAddress} from './changing.ts';

/** Neighbours learnt for one address; one more, and the one heard least lately is forgotten. */
export const neighbourLimit = 256;

/** A neighbour heard again so soon is not written down again. */
const freshMs = 1000;

/** The leveler that has this MAC on a net; ourselves excluded, as we never hear our own frames. */
export function levelerBehind({view}: State, net: Net, mac: MacAddress): State['settings']['self'] | undefined {
  return view?.peers.find(({macs}) => macs[net] === mac)?.id;
}

/** Remember who asked for an address or answered us about it. Levelers, group MACs and hosts beyond the net are none. */
export function learn(
  state: State,
  address: AddressState,
  ip: IpAddress,
  mac: MacAddress,
  at: MonotonicMs,
): AddressState {
  const known = address.neighbours.get(ip);
  const isFresh = known !== undefined && known.mac === mac && at - known.heardAt < freshMs;
  return isFresh || !isNeighbour(state, address, ip, mac)
    ? address
    : changeAddress(address, {neighbours: remember(address.neighbours, ip, {mac, heardAt: at})});
}

function isNeighbour(state: State, {net, ip: shared}: AddressState, ip: IpAddress, mac: MacAddress): boolean {
  return (
    ip !== shared &&
    isInside(state.settings.subnets[net], ip) &&
    !isGroup(mac) &&
    mac !== state.macs[net] &&
    levelerBehind(state, net, mac) === undefined
  );
}

function isGroup(mac: MacAddress): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

/** A map keeps the order of insertion: the first is the one heard least lately. */
function remember(
  neighbours: ReadonlyMap<IpAddress, Neighbour>,
  ip: IpAddress,
  neighbour: Neighbour,
): Map<IpAddress, Neighbour> {
  const next = new Map(neighbours);
  next.delete(ip);
  next.set(ip, neighbour);
  for (const [oldest] of next) {
    if (next.size <= neighbourLimit) {
      break;
    }

    next.delete(oldest);
  }

  return next;
}

/** Everybody who must hear of a steal: the ones we were told of first, then the learnt ones, last heard first. */
export function neighboursOf(state: State, {net, ip: shared, neighbours}: AddressState): IpAddress[] {
  const told = configuredOn(state, net).filter(ip => ip !== shared && isInside(state.settings.subnets[net], ip));
  return [...new Set([...told, ...[...neighbours.keys()].reverse()])];
}

/** Forget learnt neighbours that left a whole steal unanswered; they are learnt again when they ask. */
export function forget(state: State, address: AddressState, silent: readonly IpAddress[]): AddressState {
  const told = configuredOn(state, address.net);
  const gone = new Set(silent.filter(ip => !told.includes(ip)));
  return gone.size === 0
    ? address
    : changeAddress(address, {neighbours: new Map([...address.neighbours].filter(([ip]) => !gone.has(ip)))});
}

function configuredOn({settings, servers}: State, net: Net): readonly IpAddress[] {
  return net === 'a' ? settings.routers : servers;
}
