import {randomBytes} from 'node:crypto';
import {
  firstTrials,
  halves,
  hearTrial,
  type Net,
  type State,
  type Trial,
  type Tried,
  trialsAt,
  triedOf,
  tryPaths,
  type View,
} from '@tacoplex/announcing';
import type {World} from '@tacoplex/daemon';
import {familyOf, type IpAddress, type MonotonicMs} from '@tacoplex/vocabulary';
import type {Sender} from './announcer.ts';
import {buildTrialFrame, parseTrialFrame} from './trial-frame.ts';

export type TrierParts = Pick<World<'arp-announcer'>, 'clock' | 'log'> & {
  readonly senders: Readonly<Record<Net, Sender>>;
  readonly count: (name: 'trials' | 'unsent') => void;
};

const ways = {there: 'from net A to a server', back: 'from net B to net A'} as const;

/** The shell of the trials: finds out by pings whether others let clients' frames through, and their answers. */
export class Trier {
  readonly #parts: TrierParts;
  readonly #token = randomBytes(8);
  #trials = firstTrials;
  #tried = triedOf(firstTrials, 0 as MonotonicMs);
  #servIps: readonly IpAddress[] = [];
  #floods = 0;
  /** Since it was last found out what is to be told. */
  #isChanged = false;

  constructor(parts: TrierParts) {
    this.#parts = parts;
  }

  /** What is to be told to the others. */
  get tried(): Tried {
    return this.#tried;
  }

  /** @param servIps addresses of all services */
  serve(servIps: readonly IpAddress[]): void {
    this.#servIps = servIps.filter(ip => familyOf(ip) === 'ipv4');
  }

  /** @returns whether the frame is a ping of ours that has come out */
  hear(bytes: Uint8Array, length: number): boolean {
    const number = parseTrialFrame(bytes, length, this.#token);
    if (number !== undefined) {
      this.#trials = hearTrial(this.#trials, number, this.#parts.clock.now());
      this.#isChanged = true;
    }

    return number !== undefined;
  }

  /** The elector's word has come. @returns whether there is something else to tell the others now */
  try(state: State, view: View): boolean {
    const {trustedSince, sources} = state;
    if (trustedSince === undefined || sources === undefined) {
      return false;
    }

    const at = this.#parts.clock.now();
    if (at >= trialsAt(this.#trials)) {
      this.#tryNow(state, view, sources.a, at);
    }

    return this.#isChanged && this.#note(at);
  }

  #tryNow(state: State, view: View, own: IpAddress, at: MonotonicMs): void {
    const {settings} = state;
    const around = {
      self: settings.self,
      view,
      servIps: this.#servIps,
      isRouted: settings.addresses.some(({net}) => net === 'b'),
      isClear: this.#isClear(state),
    };
    const [trials, sent] = tryPaths(this.#trials, around, at);
    this.#trials = trials;
    this.#isChanged = true;
    for (const trial of sent) {
      this.#send(trial, view, state, own);
    }
  }

  /** All who are asked by ARP have answered but the last question, and no flood has kept answers out. */
  #isClear({reach}: State): boolean {
    const {a, b} = this.#parts.senders;
    const floods = (a.faults.get('flood') ?? 0) + (b.faults.get('flood') ?? 0);
    const isCalm = floods === this.#floods;
    this.#floods = floods;
    const contacts = [...reach.a.contacts.values(), ...reach.b.contacts.values()];
    return isCalm && contacts.every(({mac, unanswered}) => mac !== undefined && unanswered <= 1);
  }

  #send({half, through, servIp, number}: Trial, {peers}: View, {macs}: State, own: IpAddress): void {
    const {senders, count} = this.#parts;
    const net = half === 'there' ? 'a' : 'b';
    const to = peers.find(({id}) => id === through)?.macs[net];
    if (to !== undefined) {
      const kind = half === 'there' ? 'request' : 'answer';
      const frame = buildTrialFrame({kind, from: macs[net], to, servIp, own, number, token: this.#token});
      count(senders[net].send(frame) ? 'trials' : 'unsent');
    }
  }

  #note(at: MonotonicMs): boolean {
    this.#isChanged = false;
    const [before, tried] = [this.#tried, triedOf(this.#trials, at)];
    if (JSON.stringify(before) === JSON.stringify(tried)) {
      return false;
    }

    this.#tried = tried;
    this.#tell(before, tried);
    return true;
  }

  /** To the operator, when somebody begins or ceases to fail. */
  #tell(before: Tried, now: Tried): void {
    const {log} = this.#parts;
    for (const half of halves) {
      const facts = (leveler: number) => ({leveler, way: ways[half]});
      for (const id of now[half].fails.filter(one => !before[half].fails.includes(one))) {
        log.warn('pings do not get through a leveler, and do through others', facts(id));
      }

      for (const id of before[half].fails.filter(one => !now[half].fails.includes(one))) {
        log.notice('pings get through a leveler again', facts(id));
      }
    }
  }
}
