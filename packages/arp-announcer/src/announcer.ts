import {randomBytes} from 'node:crypto';
import {
  type Action,
  claimsOf,
  type Event,
  firstTrials,
  halves,
  hearTrial,
  type Net,
  type Reached,
  reportOf,
  type State,
  step,
  type Trial,
  triedOf,
  tryPaths,
  type View,
  wakeAt,
} from '@tacoplex/announcing';
import type {World} from '@tacoplex/daemon';
import {type ArpFrame, broadcastRequest, buildArpFrame, parseArpFrame} from '@tacoplex/frames';
import type {Asked, Incoming, Reply} from '@tacoplex/messages';
import {familyOf, type IpAddress, ipFromBytes, type MacAddress, type MonotonicMs} from '@tacoplex/vocabulary';
import {AddressFinder} from './address-finder.ts';
import {buildTrialFrame, parseTrialFrame} from './trial-frame.ts';
import {addressesFromWire, claimsToWire, foundToWire, probedToWire, statusToWire, viewFromWire} from './wire.ts';

/** A net as the announcer uses it. */
export type Sender = {
  /** @returns false if it could not be sent */
  send(frame: Uint8Array): boolean;
  /** What went wrong since the process began, by cause. */
  readonly faults: ReadonlyMap<string, number>;
};

export type Parts = {
  readonly first: State;
  readonly world: Pick<World<'arp-announcer'>, 'bus' | 'clock' | 'log'>;
  readonly senders: Readonly<Record<Net, Sender>>;
};

const sayEveryMs = 1000;

const ways = {there: 'from net A to a server', back: 'from net B to net A'} as const;

type Unstamped<E> = E extends Event ? Omit<E, 'at'> : never;

/** The shell: the elector's word and the wires' frames in, claims and frames out. */
export class Announcer {
  readonly #parts: Parts;
  readonly #counts = new Map<string, number>();
  readonly #stopped: Promise<void>;
  readonly #token = randomBytes(8);
  readonly #finder: AddressFinder;
  #state: State;
  #trials = firstTrials;
  #tried = triedOf(firstTrials, 0 as MonotonicMs);
  #servIps: readonly IpAddress[] = [];
  #reached: Reached | undefined;
  #tellStopped = (): void => {};
  #floods = 0;
  #cancelWake = (): void => {};
  #cancelSaying = (): void => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#state = parts.first;
    this.#stopped = new Promise(resolve => {
      this.#tellStopped = resolve;
    });
    this.#finder = new AddressFinder(parts.world.clock, address => this.#askOnNetB(address));
  }

  /** Begin to hear the elector. */
  start(): void {
    const {bus, clock} = this.#parts.world;
    this.#say();
    this.#cancelSaying = clock.every(sayEveryMs, () => this.#say());
    bus.hear({
      'elector.view': message => {
        const view = viewFromWire(message);
        this.#take({kind: 'viewHeard', view});
        this.#try(view);
      },
      'elector.state': message => this.#hearState(message),
    });
    bus.answer({'announcer.find': async question => this.#find(question)});
  }

  /** Resolves when others hold what we held, or have had the time to take it. */
  async stop(): Promise<void> {
    this.#take({kind: 'stop'});
    await this.#stopped;
    this.#cancelWake();
    this.#cancelSaying();
    this.#sayClaims();
    this.#sayStatus();
  }

  /** A frame came in. What is neither well-formed ARP of Ethernet and IPv4 nor a ping of ours is counted, and nothing else. */
  hearFrame(net: Net, bytes: Uint8Array, length: number): void {
    const number = parseTrialFrame(bytes, length, this.#token);
    if (number !== undefined) {
      this.#trials = hearTrial(this.#trials, number, this.#parts.world.clock.now());
      this.#count('trials-answered');
      return;
    }

    const frame = parseArpFrame(bytes, length);
    if (frame === undefined) {
      this.#count('ignored-malformed');
    } else {
      this.#count('heard');
      if (net === 'b' && isAnswerTo(this.#state.macs.b, frame)) {
        this.#finder.hear(frame.arp);
      }

      this.#take({kind: 'arpHeard', net, frame});
    }
  }

  /** A net can be spoken on, for the first time or again. */
  linkUp(net: Net, mac: MacAddress, source: IpAddress): void {
    this.#take({kind: 'linkUp', net, mac, source});
  }

  async #find({address}: Asked<'announcer.find'>): Promise<Reply<'announcer.find'>> {
    return address.length === 4
      ? foundToWire(await this.#finder.find(ipFromBytes(address)))
      : {refusal: 'ARP has IPv4 addresses alone'};
  }

  #askOnNetB(address: IpAddress): boolean {
    const {macs, sources} = this.#state;
    return (
      sources !== undefined && this.#parts.senders.b.send(buildArpFrame(broadcastRequest(macs.b, sources.b, address)))
    );
  }

  #hearState(message: Incoming<'elector.state'>): void {
    try {
      const {servers, servIps} = addressesFromWire(message);
      this.#servIps = servIps.filter(ip => familyOf(ip) === 'ipv4');
      this.#take({kind: 'serversChanged', servers});
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }

      this.#parts.world.log.warn('message dropped', {topic: 'elector.state', reason: error.message});
    }
  }

  #take(event: Unstamped<Event>): void {
    const at = this.#parts.world.clock.now();
    const [next, actions] = step(this.#state, {...event, at} as Event);
    this.#state = next;
    for (const action of actions) {
      this.#perform(action);
    }

    this.#wake(wakeAt(next), at);
  }

  /** Whether others let clients' frames through, and their answers. */
  #try(view: View): void {
    const {settings, trustedSince, sources, reach} = this.#state;
    if (trustedSince === undefined || sources === undefined) {
      return;
    }

    const at = this.#parts.world.clock.now();
    const contacts = [...reach.a.contacts.values(), ...reach.b.contacts.values()];
    const floods = this.#countFloods();
    const around = {
      self: settings.self,
      view,
      servIps: this.#servIps,
      isRouted: settings.addresses.some(({net}) => net === 'b'),
      isClear: floods === this.#floods && contacts.every(({mac, unanswered}) => mac !== undefined && unanswered <= 1),
    };
    this.#floods = floods;
    const [trials, sent] = tryPaths(this.#trials, around, at);
    this.#trials = trials;
    for (const trial of sent) {
      this.#sendTrial(trial, view, sources.a);
    }

    this.#tellTried(at);
  }

  #sendTrial({half, through, servIp, number}: Trial, {peers}: View, own: IpAddress): void {
    const {senders} = this.#parts;
    const net = half === 'there' ? 'a' : 'b';
    const to = peers.find(({id}) => id === through)?.macs[net];
    if (to !== undefined) {
      const kind = half === 'there' ? 'request' : 'answer';
      const from = this.#state.macs[net];
      const isSent = senders[net].send(buildTrialFrame({kind, from, to, servIp, own, number, token: this.#token}));
      this.#count(isSent ? 'trials' : 'unsent');
    }
  }

  /** To the others and, when somebody begins or ceases to fail, to the operator. */
  #tellTried(at: MonotonicMs): void {
    const {log} = this.#parts.world;
    const [before, tried] = [this.#tried, triedOf(this.#trials, at)];
    if (JSON.stringify(before) === JSON.stringify(tried)) {
      return;
    }

    this.#tried = tried;
    this.#sayClaims();
    for (const half of halves) {
      for (const leveler of tried[half].fails.filter(id => !before[half].fails.includes(id))) {
        log.warn('pings do not get through a leveler, and do through others', {leveler, way: ways[half]});
      }

      for (const leveler of before[half].fails.filter(id => !tried[half].fails.includes(id))) {
        log.notice('pings get through a leveler again', {leveler, way: ways[half]});
      }
    }
  }

  #countFloods(): number {
    const {a, b} = this.#parts.senders;
    return (a.faults.get('flood') ?? 0) + (b.faults.get('flood') ?? 0);
  }

  #wake(wake: MonotonicMs | undefined, at: MonotonicMs): void {
    this.#cancelWake();
    if (wake !== undefined) {
      const delay = Math.max(1, Math.ceil(wake - at)); // A timer may come a little early; never spin on it
      this.#cancelWake = this.#parts.world.clock.after(delay, () => this.#take({kind: 'timeCame'}));
    }
  }

  #perform(action: Action): void {
    const {senders, world} = this.#parts;
    switch (action.kind) {
      case 'send':
        if (!senders[action.net].send(buildArpFrame(action.frame))) {
          this.#count('unsent');
        }
        break;
      case 'count':
        this.#count(action.counter);
        break;
      case 'sayClaims':
        this.#sayClaims();
        break;
      case 'sayReached':
        this.#reached = {routers: action.routers, servers: action.servers};
        this.#sayClaims();
        break;
      case 'tellReach':
        this.#tellReach(action);
        break;
      case 'sayProbed':
        world.bus.say('announcer.probed', probedToWire(action));
        break;
      case 'tellStopped':
        this.#tellStopped();
        break;
      default:
        this.#tell(action);
    }
  }

  #tell(action: Extract<Action, {readonly ip: unknown}>): void {
    const {log} = this.#parts.world;
    const {ip: address} = action;
    switch (action.kind) {
      case 'tellGrab':
        log.notice('address taken', {address, turn: action.turn, reason: action.reason});
        break;
      case 'tellHolder':
        log.info('holder changed', {address, holder: action.holder ?? 'nobody', turn: action.turn});
        this.#sayStatus();
        break;
      case 'tellStranger':
        log.warn('duplicate announcer', {address, mac: action.mac});
        break;
      case 'tellStrangerGone':
        log.notice('duplicate announcer is gone', {address, mac: action.mac, stayedMs: Math.round(action.stayedMs)});
        break;
    }
  }

  #tellReach({net, answering, asked}: Extract<Action, {kind: 'tellReach'}>): void {
    const {log} = this.#parts.world;
    const facts = {net, answering, asked: asked.join(',')};
    if (answering === 0) {
      log.warn(net === 'a' ? 'no router answers' : 'no server answers', facts);
    } else {
      log.notice(net === 'a' ? 'routers answer' : 'servers answer', facts);
    }
  }

  /** Until the elector has told what a predecessor of this process held, what it said last stands. */
  #say(): void {
    if (this.#state.adopted) {
      this.#sayClaims();
    }

    this.#sayStatus();
  }

  #sayClaims(): void {
    this.#parts.world.bus.say('announcer.claims', claimsToWire(claimsOf(this.#state), this.#reached, this.#tried));
  }

  #sayStatus(): void {
    const {senders, world} = this.#parts;
    const counts = new Map(this.#counts);
    for (const [cause, count] of [...senders.a.faults, ...senders.b.faults]) {
      counts.set(cause, (counts.get(cause) ?? 0) + count);
    }

    world.bus.say('announcer.status', statusToWire(reportOf(this.#state, world.clock.now()), counts));
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

function isAnswerTo(mac: MacAddress, {destination, arp}: ArpFrame): boolean {
  return arp.operation === 'reply' && destination === mac;
}
