import {type ArpFrame, broadcastMac, zeroMac} from '@tacoplex/frames';
import {type IpAddress, type LevelerId, type MacAddress, type MonotonicMs, parseSubnet} from '@tacoplex/vocabulary';
import {
  type Action,
  type Claim,
  claimsOf,
  type Event,
  firstState,
  type Peer,
  type Settings,
  type State,
  step,
} from '../src/index.ts';

export const ip = (text: string): IpAddress => text as IpAddress;
export const id = (number: number): LevelerId => number as LevelerId;
export const ms = (number: number): MonotonicMs => number as MonotonicMs;

export const levIp = ip('10.0.0.200');
export const gateway = ip('10.0.1.254');
export const router = ip('10.0.0.1');
export const routerMac = '02:00:00:00:00:99' as MacAddress;
export const strangerMac = '02:00:00:00:00:66' as MacAddress;

/** MAC of a leveler on a net. */
export const macOf = (leveler: number, net: 'a' | 'b' = 'a'): MacAddress =>
  `02:00:00:00:0${net}:${leveler.toString(16).padStart(2, '0')}` as MacAddress;

export const settings = (changes: Partial<Settings> = {}): Settings => ({
  self: id(1),
  addresses: [{ip: levIp, net: 'a', index: 0}],
  dwellMs: 0,
  subnets: {a: parseSubnet('10.0.0.0/24')!, b: parseSubnet('10.0.1.0/24')!},
  routers: [router],
  ...changes,
});

export const claim = (changes: Partial<Claim> = {}): Claim => ({
  ip: levIp,
  turn: 1,
  holding: true,
  releasing: false,
  ...changes,
});

export const peer = (leveler: number, changes: Partial<Peer> = {}): Peer => ({
  id: id(leveler),
  member: true,
  live: true,
  leaving: false,
  reachesA: true,
  reachesB: true,
  macs: {a: macOf(leveler, 'a'), b: macOf(leveler, 'b')},
  claims: [],
  ...changes,
});

export const view = (at: number, peers: readonly Peer[], mayForward = true): Event => ({
  kind: 'viewHeard',
  at: ms(at),
  view: {saidAt: ms(at), mayForward, mayTake: mayForward, mayHold: true, probe: undefined, peers},
});

export const time = (at: number): Event => ({kind: 'timeCame', at: ms(at)});

export const arpHeard = (at: number, frame: ArpFrame, net: 'a' | 'b' = 'a'): Event => ({
  kind: 'arpHeard',
  at: ms(at),
  net,
  frame,
});

/** A host asks for an address: everybody, or one leveler. */
export const question = (
  changes: {readonly to?: MacAddress; readonly from?: IpAddress; readonly for?: IpAddress} = {},
): ArpFrame => ({
  source: routerMac,
  destination: changes.to ?? broadcastMac,
  arp: {
    operation: 'request',
    senderMac: routerMac,
    senderIp: changes.from ?? router,
    targetMac: zeroMac,
    targetIp: changes.for ?? levIp,
  },
});

/** A host answers a question that a leveler asked in the LevIP's name. */
export const acknowledgement = (to: MacAddress, from: IpAddress = router): ArpFrame => ({
  source: routerMac,
  destination: to,
  arp: {operation: 'reply', senderMac: routerMac, senderIp: from, targetMac: to, targetIp: levIp},
});

export const claimOnWire = (mac: MacAddress, address: IpAddress = levIp): ArpFrame => ({
  source: mac,
  destination: broadcastMac,
  arp: {operation: 'request', senderMac: mac, senderIp: address, targetMac: zeroMac, targetIp: address},
});

/** Take events one after the other. @returns the last state, and all actions of the last event */
export function take(state: State, ...events: readonly Event[]): [State, readonly Action[]] {
  let last: readonly Action[] = [];
  let current = state;
  for (const event of events) {
    [current, last] = step(current, event);
  }

  return [current, last];
}

export const begin = (changes: Partial<Settings> = {}): State => {
  const chosen = settings(changes);
  return firstState(chosen, {a: macOf(chosen.self, 'a'), b: macOf(chosen.self, 'b')});
};

/** Views of the same peers every 100 ms, so that trust lasts. */
export const views = (from: number, to: number, peers: readonly Peer[]): Event[] =>
  Array.from({length: Math.floor((to - from) / 100) + 1}, (_, index) => view(from + index * 100, peers));

/** Leveler 1 of levelers 1 and 2, holding the LevIP since 300 ms with turn 1, its steal acknowledged. */
export const holder = (changes: Partial<Settings> = {}): State =>
  take(begin(changes), ...views(0, 300, [peer(1), peer(2)]), arpHeard(301, acknowledgement(macOf(1))))[0];

export const sent = (actions: readonly Action[]): ArpFrame[] =>
  actions.flatMap(action => (action.kind === 'send' ? [action.frame] : []));

export const counted = (actions: readonly Action[]): string[] =>
  actions.flatMap(action => (action.kind === 'count' ? [action.counter] : []));

export const grabbed = (actions: readonly Action[]): Action[] => actions.filter(({kind}) => kind === 'tellGrab');

export const isHolding = (state: State): boolean => claimsOf(state)[0]?.holding === true;
export const both = [peer(1), peer(2)];

/** Leveler 2 of levelers 1, 2 and 3, where leveler 1 holds the LevIP. */
export const follower = (self = 2, dwellMs = 0): State =>
  take(
    begin({self: id(self), dwellMs}),
    ...views(0, 400, [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)]),
  )[0];
