import {
  type Action,
  claimsOf,
  type Event,
  type Net,
  type Reached,
  reportOf,
  type State,
  step,
  type View,
  wakeAt,
} from '@tacoplex/announcing';
import type {World} from '@tacoplex/daemon';
import {type ArpFrame, broadcastRequest, buildArpFrame, parseArpFrame, trailerOf} from '@tacoplex/frames';
import {fieldOfCount, Repeats} from '@tacoplex/log';
import type {Asked, Incoming, Reply} from '@tacoplex/messages';
import {type IpAddress, ipFromBytes, type LevelerId, type MacAddress, type MonotonicMs} from '@tacoplex/vocabulary';
import {AddressFinder} from './address-finder.ts';
import {ArpProofs} from './arp-proofs.ts';
import {Trier} from './trier.ts';
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

/** In whose name a question is asked that changes no host's table. @see RFC 5227, 1.1 */
const nobody = '0.0.0.0' as IpAddress;

type Unstamped<E> = E extends Event ? Omit<E, 'at'> : never;

/** The shell: the elector's word and the wires' frames in, claims and frames out. */
export class Announcer {
  readonly #parts: Parts;
  readonly #counts = new Map<string, number>();
  readonly #stopped: Promise<void>;
  readonly #trier: Trier;
  readonly #finder: AddressFinder;
  readonly #proofs: ArpProofs;
  readonly #repeats: Repeats;
  #state: State;
  #reached: Reached | undefined;
  #tellStopped = (): void => {};
  #cancelWake = (): void => {};
  #cancelSaying = (): void => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#state = parts.first;
    this.#proofs = new ArpProofs(parts.first.settings.self);
    this.#repeats = new Repeats(parts.world.clock);
    this.#stopped = new Promise(resolve => {
      this.#tellStopped = resolve;
    });
    this.#trier = new Trier({...parts.world, senders: parts.senders, count: name => this.#count(name)});
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
        this.#proofs.use(message.arpKeys);
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
    this.#repeats.forget();
    this.#sayClaims();
    this.#sayStatus();
  }

  /** A frame came in. What is neither well-formed ARP of Ethernet and IPv4 nor a ping of ours is counted, and nothing else. */
  hearFrame(net: Net, bytes: Uint8Array, length: number): void {
    if (this.#trier.hear(bytes, length)) {
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

      const trailer = net === 'a' ? trailerOf(bytes, length) : undefined;
      const provenBy = trailer && this.#provenBy(frame, trailer);
      const event = {kind: 'arpHeard', net, frame} as const;
      this.#take(provenBy === undefined ? event : {...event, provenBy}, trailer);
    }
  }

  #provenBy({arp}: ArpFrame, trailer: Uint8Array): LevelerId | undefined {
    const {probe, addresses} = this.#state;
    const isAnswer = arp.operation === 'reply' && addresses.some(({net, ip}) => net === 'a' && ip === arp.senderIp);
    return probe !== undefined && isAnswer ? this.#proofs.provenBy(trailer, arp.senderIp) : undefined;
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
      this.#trier.serve(servIps);
      this.#take({kind: 'serversChanged', servers});
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }

      this.#parts.world.log.warn('message dropped', {topic: 'elector.state', reason: error.message});
    }
  }

  /** @param trailer of the frame that was heard */
  #take(event: Unstamped<Event>, trailer?: Uint8Array): void {
    const at = this.#parts.world.clock.now();
    const [next, actions] = step(this.#state, {...event, at} as Event);
    this.#state = next;
    for (const action of actions) {
      this.#perform(action, trailer);
    }

    this.#wake(wakeAt(next), at);
  }

  #try(view: View): void {
    if (this.#trier.try(this.#state, view)) {
      this.#sayClaims();
    }
  }

  #wake(wake: MonotonicMs | undefined, at: MonotonicMs): void {
    this.#cancelWake();
    if (wake !== undefined) {
      const delay = Math.max(1, Math.ceil(wake - at)); // A timer may come a little early; never spin on it
      this.#cancelWake = this.#parts.world.clock.after(delay, () => this.#take({kind: 'timeCame'}));
    }
  }

  #perform(action: Action, heard: Uint8Array | undefined): void {
    const {senders, world} = this.#parts;
    switch (action.kind) {
      case 'send':
        if (!senders[action.net].send(this.#bytesOf(action.frame, heard))) {
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

  /** Questions of a probe, asked in nobody's name, and answers to them carry more than ARP does. @param heard of the question */
  #bytesOf(frame: ArpFrame, heard: Uint8Array | undefined): Uint8Array {
    const {operation, senderIp, targetIp} = frame.arp;
    const bytes = buildArpFrame(frame);
    const number = this.#state.probe?.number;
    if (operation === 'request' && senderIp === nobody && number !== undefined) {
      trailerOf(bytes, bytes.length)?.set(this.#proofs.trailerOfQuestion(number));
    } else if (operation === 'reply' && targetIp === nobody && heard !== undefined) {
      trailerOf(bytes, bytes.length)?.set(this.#proofs.trailerOfAnswer(heard, senderIp) ?? []);
    }

    return bytes;
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
      case 'tellUnproven':
        this.#count('unproven-answers');
        this.#repeats.note(action.mac, count => {
          const {mac, leveler} = action;
          log.warn('ARP of a leveler that is not heard proves nothing', {
            address,
            mac,
            leveler,
            ...fieldOfCount(count),
          });
        });
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
    this.#parts.world.bus.say(
      'announcer.claims',
      claimsToWire(claimsOf(this.#state), this.#reached, this.#trier.tried),
    );
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
