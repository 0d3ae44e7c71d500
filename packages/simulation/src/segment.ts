import {
  type Action,
  claimsOf,
  type Event,
  firstState,
  type Peer,
  type SharedAddress,
  step,
  type View,
  wakeAt,
} from '@tacoplex/announcing';
import {
  type State as ElectorState,
  type Peer as ElectorsPeer,
  type View as ElectorsView,
  mayForward,
  type ViewedPeer,
  viewOf,
} from '@tacoplex/election';
import {type ArpFrame, broadcastMac} from '@tacoplex/frames';
import {type IpAddress, type LevelerId, type MonotonicMs, parseSubnet} from '@tacoplex/vocabulary';
import {localMs, type Machine, macOf, whenShows} from './machine.ts';
import {nameOf} from './play.ts';
import {Router, routerIp} from './router.ts';
import type {Simulation} from './simulation.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const [netA, netB] = [parseSubnet('10.0.0.0/16'), parseSubnet('10.1.0.0/16')];

export const levIpsOf = (count: number): SharedAddress[] =>
  Array.from({length: count}, (_, index) => ({ip: `10.0.9.${index + 1}` as IpAddress, net: 'a', index}));

/** What an elector believed when its announcer was last asked whether that is news, and whether it might forward. */
type Said = {readonly may: boolean; state: ElectorState};

/** ARP crosses one segment: it may be lost there, but does not wait in queues as datagrams may. */
const mostWireMs = 1;

/** Net A as the announcers see it: ARP between them and one router, and who holds which shared address. */
export class Segment {
  readonly addresses: readonly SharedAddress[];
  readonly router = new Router();
  /** How many times an address was taken. */
  grabs = 0;
  readonly #simulation: Simulation;
  readonly #said = new Map<LevelerId, Said>();

  constructor(simulation: Simulation, count: number) {
    this.#simulation = simulation;
    this.addresses = levIpsOf(count);
  }

  /** Start a machine's announcer. */
  start(machine: Machine): void {
    const {id: self} = machine;
    if (machine.setup.isWitness === true || this.addresses.length === 0 || netA === undefined || netB === undefined) {
      return;
    }

    const settings = {self, addresses: this.addresses, dwellMs: 0, subnets: {a: netA, b: netB}, routers: [routerIp]};
    machine.announcer = firstState(settings, {a: macOf(self, 'a'), b: macOf(self, 'b')});
    machine.announcerWakeMs = Number.POSITIVE_INFINITY;
  }

  /** Whether each address has one holder, and the router sends there. */
  get isInOrder(): boolean {
    return this.disorder === undefined;
  }

  /** What is not in order, in words; of the first such address. */
  get disorder(): string | undefined {
    for (const {ip} of this.addresses) {
      const holders = this.holdersOf(ip);
      const [holder] = holders;
      const sends = this.router.cache.get(ip) ?? 'nowhere';
      if (holders.length !== 1 || holder === undefined || sends !== macOf(holder, 'a')) {
        return `${ip} is held by ${holders.map(nameOf).join(' and ') || 'nobody'}, the router sends to ${sends}`;
      }
    }

    return undefined;
  }

  /** Who holds an address, by their own word. */
  holdersOf(ip: IpAddress): LevelerId[] {
    return this.#simulation.machines.flatMap(({id, up, announcer}) =>
      up && announcer !== undefined && claimsOf(announcer).some(claim => claim.ip === ip && claim.holding) ? [id] : [],
    );
  }

  /** The elector speaks to its announcer and its data path: regularly, and when something changed. */
  sayView(machine: Machine, isRegular: boolean): void {
    if (!isRegular && !this.#hasChanged(machine)) {
      return;
    }

    const {setup, state} = machine;
    const {nowMs} = this.#simulation;
    const electorsView = viewOf(setup, state);
    this.#simulation.noteView(machine, electorsView);
    if (machine.announcer !== undefined) {
      const view = viewFor(machine, electorsView, nowMs);
      this.#simulation.afterBoot(machine, this.#simulation.chance.between(0, 1), () =>
        this.#take(machine, {kind: 'viewHeard', view}),
      );
    }
  }

  /** Silences grow all the time, and are no news. */
  #hasChanged({id, setup, state}: Machine): boolean {
    const may = mayForward(setup, state);
    const said = this.#said.get(id);
    if (said !== undefined && said.may === may && tellsTheSame(said.state, state)) {
      said.state = state;
      return false;
    }

    this.#said.set(id, {may, state});
    return true;
  }

  #take(machine: Machine, event: Without<Event, 'at'>): void {
    if (machine.announcer === undefined) {
      return;
    }

    const at = localMs(machine, this.#simulation.nowMs) as MonotonicMs;
    const [state, actions] = step(machine.announcer, eventAt(event, at));
    machine.announcer = state;
    for (const action of actions) {
      this.#perform(machine, action);
    }

    this.#arm(machine, at);
  }

  #arm(machine: Machine, at: MonotonicMs): void {
    const wake = machine.announcer === undefined ? undefined : wakeAt(machine.announcer);
    const wakeMs =
      wake === undefined ? Number.POSITIVE_INFINITY : whenShows(machine, Math.max(at + 1, Math.ceil(wake)));
    if (wakeMs === machine.announcerWakeMs) {
      return;
    }

    machine.announcerWakeMs = wakeMs;
    if (wake !== undefined) {
      this.#simulation.afterBoot(machine, wakeMs - this.#simulation.nowMs, () => {
        if (machine.announcerWakeMs === wakeMs) {
          machine.announcerWakeMs = Number.POSITIVE_INFINITY;
          this.#take(machine, {kind: 'timeCame'});
        }
      });
    }
  }

  #perform(machine: Machine, action: Action): void {
    const {id} = machine;
    switch (action.kind) {
      case 'sayClaims':
        this.#simulation.setClaims(
          machine,
          action.claims.map(({ip: address, turn, holding, releasing}) => ({address, turn, holding, releasing})),
        );
        break;
      case 'send':
        this.#carry(id, action.frame);
        break;
      case 'sayProbed':
        this.#simulation.sayProbed(machine, action);
        break;
      case 'tellGrab':
        this.grabs++;
        this.#simulation.say(`${nameOf(id)} takes ${action.ip}, turn ${action.turn}: ${action.reason}`);
        break;
      case 'count':
        if (action.counter === 'unacknowledged' || action.counter === 'rate-limited') {
          this.#simulation.say(`${nameOf(id)} on net A: ${action.counter}`);
        }

        break;
      default:
    }
  }

  #carry(from: LevelerId, frame: ArpFrame): void {
    const {chance, network} = this.#simulation;
    if (!chance.happens(network.weather.loss)) {
      this.#simulation.after(chance.between(0.1, mostWireMs), () => this.#hearAtRouter(from, frame));
    }

    const proof = frame.arp.operation === 'reply' && frame.destination !== broadcastMac ? {provenBy: from} : {};
    for (const machine of this.#simulation.machines) {
      if (machine.id !== from && isFor(machine, frame)) {
        for (let copies = network.drawArrivals('arp', from, machine.id); copies > 0; copies--) {
          this.#simulation.afterBoot(machine, chance.between(0.1, mostWireMs), () =>
            this.#take(machine, {kind: 'arpHeard', net: 'a', frame, ...proof}),
          );
        }
      }
    }
  }

  #hearAtRouter(from: LevelerId, frame: ArpFrame): void {
    const {senderIp, senderMac} = frame.arp;
    const before = this.router.cache.get(senderIp);
    const answer = this.router.hear(frame);
    if (before !== this.router.cache.get(senderIp)) {
      this.#simulation.say(`the router sends ${senderIp} to ${senderMac}, that of ${nameOf(from)}`);
    }

    const asker = this.#simulation.machines.find(({id}) => id === from);
    if (answer !== undefined && asker?.up === true) {
      this.#simulation.afterBoot(asker, this.#simulation.chance.between(0.1, 1), () =>
        this.#take(asker, {kind: 'arpHeard', net: 'a', frame: answer}),
      );
    }
  }
}

/** Whether an announcer that was told of one need not be told of the other. */
function tellsTheSame(was: ElectorState, is: ElectorState): boolean {
  return (
    was.about === is.about &&
    was.held?.members === is.held?.members &&
    was.leader === is.leader &&
    was.charge.kind === is.charge.kind &&
    was.charge.probe?.number === is.charge.probe?.number &&
    (was.peers === is.peers || tellTheSame(was.peers, is.peers))
  );
}

function tellTheSame(was: ElectorState['peers'], are: ElectorState['peers']): boolean {
  if (was.size !== are.size) {
    return false;
  }

  for (const is of are.values()) {
    const before = was.get(is.id);
    if (before !== is && !looksTheSame(before, is)) {
      return false;
    }
  }

  return true;
}

function looksTheSame(was: ElectorsPeer | undefined, is: ElectorsPeer): boolean {
  const [said, says] = [was?.said, is.said];
  return (
    was?.live === is.live &&
    (said === says ||
      (said?.about === says?.about && said?.leaving === says?.leaving && said?.caretaking === says?.caretaking))
  );
}

/** The same event, at a time: without a copy through the runtime. */
function eventAt(event: Without<Event, 'at'>, at: MonotonicMs): Event {
  switch (event.kind) {
    case 'viewHeard':
      return {kind: 'viewHeard', at, view: event.view};
    case 'arpHeard':
      return event.provenBy === undefined
        ? {kind: 'arpHeard', at, net: event.net, frame: event.frame}
        : {kind: 'arpHeard', at, net: event.net, frame: event.frame, provenBy: event.provenBy};
    default:
      return {...event, at} as Event;
  }
}

function isFor({id}: Machine, {destination}: ArpFrame): boolean {
  return destination === broadcastMac || destination === macOf(id, 'a');
}

function viewFor(machine: Machine, electorsView: ElectorsView, nowMs: number): View {
  const {mayForward: may, mayTake, caretaking, probe, peers} = electorsView;
  return {
    saidAt: localMs(machine, nowMs) as MonotonicMs,
    mayForward: may,
    mayTake,
    mayHold: may || caretaking === 'idle',
    probe,
    peers: peers.map(toPeer),
  };
}

function toPeer({id, member, witness, live, astray, leaving, about}: ViewedPeer): Peer {
  return {
    id,
    member: member && !witness,
    live: live && !astray,
    leaving,
    reachesA: about?.reachesA ?? false,
    reachesB: about?.reachesB ?? false,
    macs: {a: about?.a?.mac, b: about?.b?.mac},
    claims: (about?.claims ?? []).map(({address: ip, turn, holding, releasing}) => ({ip, turn, holding, releasing})),
  };
}
