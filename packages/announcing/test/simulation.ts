import type {ArpFrame} from '@tacoplex/frames';
import {broadcastMac} from '@tacoplex/frames';
import type {IpAddress, LevelerId, MacAddress} from '@tacoplex/vocabulary';
import {
  type Action,
  type Claim,
  claimsOf,
  type Event,
  firstState,
  type Peer,
  type SharedAddress,
  type State,
  step,
  wakeAt,
} from '../src/index.ts';
import {id, ip, macOf, ms, peer, router, routerMac, settings} from './builders.ts';
import {randomFrom} from './random.ts';

const beatMs = 50;
const suspectMs = 150;
const viewMs = 100;

type Beat = {readonly at: number; readonly claims: readonly Claim[]};

/** One leveler: an announcer, and an elector that only beats, listens and says what it knows. */
type Leveler = {
  readonly id: LevelerId;
  state: State;
  alive: boolean;
  /** Elector stalled: neither beats nor speaks to its announcer. */
  stalled: boolean;
  claims: readonly Claim[];
  readonly heard: Map<LevelerId, Beat>;
  readonly reachable: Set<LevelerId>; // Who it hears
};

export type Grabbed = {readonly at: number; readonly by: LevelerId; readonly ip: IpAddress};

/**
 * A segment of levelers and one router, on a clock of its own. Frames, beats and words of the bus take random times;
 * beats get lost. Everything follows from the seed.
 */
export class Simulation {
  now = 0;
  readonly levelers: readonly Leveler[];
  readonly grabs: Grabbed[] = [];
  readonly frames: {readonly at: number; readonly frame: ArpFrame}[] = [];
  /** What the router believes: address to MAC. */
  readonly cache = new Map<IpAddress, MacAddress>();
  /** Answers given while the elector's word was too old. */
  untrustedAnswers = 0;
  readonly #random: () => number;
  readonly #lossRate: number;
  readonly #due: {at: number; order: number; run: () => void}[] = [];
  #order = 0;

  constructor(options: {
    readonly seed: number;
    readonly count: number;
    readonly addresses: readonly SharedAddress[];
    readonly dwellMs: number;
    readonly lossRate?: number;
  }) {
    this.#random = randomFrom(options.seed);
    this.#lossRate = options.lossRate ?? 0;
    const ids = Array.from({length: options.count}, (_, index) => id(index + 1));
    this.levelers = ids.map(self => ({
      id: self,
      state: firstState(settings({self, addresses: options.addresses, dwellMs: options.dwellMs}), {
        a: macOf(self, 'a'),
        b: macOf(self, 'b'),
      }),
      alive: true,
      stalled: false,
      claims: [],
      heard: new Map(),
      reachable: new Set(ids),
    }));
    for (const leveler of this.levelers) {
      this.#after(this.#random() * beatMs, () => this.#beat(leveler));
      this.#after(this.#random() * viewMs, () => this.#view(leveler));
    }
  }

  pass(duration: number): void {
    const end = this.now + duration;
    for (let next = this.#nextBefore(end); next !== undefined; next = this.#nextBefore(end)) {
      this.now = next.at;
      next.run();
    }

    this.now = end;
  }

  kill(leveler: Leveler): void {
    leveler.alive = false;
  }

  /** The machine is back, its processes know nothing. */
  revive(leveler: Leveler): void {
    leveler.alive = true;
    leveler.stalled = false;
    leveler.claims = [];
    leveler.heard.clear();
    leveler.state = firstState(leveler.state.settings, leveler.state.macs);
  }

  /** Cut the beats between two groups, both ways; the wire of net A stays whole. */
  cut(side: ReadonlySet<LevelerId>): void {
    for (const leveler of this.levelers) {
      for (const other of this.levelers) {
        if (side.has(leveler.id) !== side.has(other.id)) {
          leveler.reachable.delete(other.id);
        }
      }
    }
  }

  heal(): void {
    for (const leveler of this.levelers) {
      for (const other of this.levelers) {
        leveler.reachable.add(other.id);
      }

      leveler.stalled = false;
    }
  }

  /** Who holds an address, by their own word. */
  holdersOf(address: IpAddress): LevelerId[] {
    return this.levelers
      .filter(({alive, state}) => alive && claimsOf(state).some(claim => claim.ip === address && claim.holding))
      .map(leveler => leveler.id);
  }

  stop(leveler: Leveler): void {
    this.#take(leveler, {kind: 'stop', at: ms(this.now)});
  }

  #after(delay: number, run: () => void): void {
    this.#due.push({at: this.now + delay, order: this.#order++, run});
  }

  #nextBefore(end: number): {at: number; run: () => void} | undefined {
    let first = -1;
    for (const [index, {at, order}] of this.#due.entries()) {
      const best = this.#due[first];
      if (at <= end && (best === undefined || at < best.at || (at === best.at && order < best.order))) {
        first = index;
      }
    }

    return first === -1 ? undefined : this.#due.splice(first, 1)[0];
  }

  #beat(leveler: Leveler): void {
    this.#after(beatMs, () => this.#beat(leveler));
    if (!leveler.alive || leveler.stalled) {
      return;
    }

    const {claims} = leveler;
    for (const other of this.levelers.filter(({id: to}) => to !== leveler.id)) {
      if (this.#random() >= this.#lossRate) {
        this.#after(0.1 + this.#random() * 3, () => this.#hearBeat(other, leveler.id, claims));
      }
    }
  }

  #hearBeat(leveler: Leveler, from: LevelerId, claims: readonly Claim[]): void {
    if (!leveler.alive || leveler.stalled || !leveler.reachable.has(from)) {
      return;
    }

    const before = JSON.stringify(leveler.heard.get(from)?.claims);
    leveler.heard.set(from, {at: this.now, claims});
    this.#after(suspectMs + 0.1, () => this.#sayView(leveler)); // The moment it may become suspect
    if (before !== JSON.stringify(claims)) {
      this.#sayView(leveler);
    }
  }

  #view(leveler: Leveler): void {
    this.#after(viewMs, () => this.#view(leveler));
    this.#sayView(leveler);
  }

  #sayView(leveler: Leveler): void {
    if (!leveler.alive || leveler.stalled) {
      return;
    }

    const rights = {mayForward: true, mayTake: true, mayHold: true};
    const view = {saidAt: ms(this.now), ...rights, probe: undefined, peers: this.#peersOf(leveler)};
    this.#after(this.#random(), () => this.#take(leveler, {kind: 'viewHeard', at: ms(this.now), view}));
  }

  /** All are members in the state that the electors hold, heard or not. */
  #peersOf(leveler: Leveler): Peer[] {
    return this.levelers.map(({id: other}) => {
      const beat = leveler.heard.get(other);
      if (other === leveler.id) {
        return peer(other, {claims: leveler.claims});
      }

      return beat === undefined
        ? peer(other, {live: false, macs: {a: undefined, b: undefined}})
        : peer(other, {live: this.now - beat.at < suspectMs, claims: beat.claims});
    });
  }

  #take(leveler: Leveler, event: Event): void {
    if (!leveler.alive) {
      return;
    }

    const [next, actions] = step(leveler.state, event);
    leveler.state = next;
    for (const action of actions) {
      this.#perform(leveler, action);
    }

    const wake = wakeAt(next);
    if (wake !== undefined) {
      const {state} = leveler;
      this.#after(Math.max(wake - this.now, 0.5), () => {
        if (leveler.state === state) {
          this.#take(leveler, {kind: 'timeCame', at: ms(this.now)});
        }
      });
    }
  }

  #perform(leveler: Leveler, action: Action): void {
    switch (action.kind) {
      case 'sayClaims':
        this.#after(0.5, () => {
          leveler.claims = action.claims; // The bus keeps the order
        });
        break;
      case 'send':
        this.#carry(leveler, action.frame);
        break;
      case 'tellGrab':
        this.grabs.push({at: this.now, by: leveler.id, ip: action.ip});
        break;
      default:
    }
  }

  #carry(sender: Leveler, frame: ArpFrame): void {
    this.frames.push({at: this.now, frame});
    const saidAt = sender.state.view?.saidAt ?? 0;
    this.untrustedAnswers += this.now - saidAt > 650 ? 1 : 0;
    this.#after(0.1 + this.#random(), () => this.#hearAtRouter(frame));
    for (const leveler of this.levelers.filter(({id: to}) => to !== sender.id)) {
      if (frame.destination === broadcastMac || frame.destination === macOf(leveler.id)) {
        this.#after(0.1 + this.#random(), () =>
          this.#take(leveler, {kind: 'arpHeard', net: 'a', frame, at: ms(this.now)}),
        );
      }
    }
  }

  #hearAtRouter({source, destination, arp}: ArpFrame): void {
    if (destination !== broadcastMac && destination !== routerMac) {
      return;
    }

    this.cache.set(arp.senderIp, arp.senderMac);
    if (arp.operation === 'request' && arp.targetIp === router) {
      const answer: ArpFrame = {
        source: routerMac,
        destination: source,
        arp: {operation: 'reply', senderMac: routerMac, senderIp: router, targetMac: source, targetIp: arp.senderIp},
      };
      const leveler = this.levelers.find(({id: to}) => macOf(to) === source);
      this.#after(0.1 + this.#random(), () => {
        if (leveler !== undefined) {
          this.#take(leveler, {kind: 'arpHeard', net: 'a', frame: answer, at: ms(this.now)});
        }
      });
    }
  }
}

export const levIps = (count: number): SharedAddress[] =>
  Array.from({length: count}, (_, index) => ({ip: ip(`10.0.0.${200 + index}`), net: 'a', index}));
