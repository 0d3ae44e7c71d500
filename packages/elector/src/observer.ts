import type {World} from '@tacoplex/daemon';
import {decodeDatagram} from '@tacoplex/datagrams';
import type {About, Beat, Header, Net, View, ViewedPeer} from '@tacoplex/election';
import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';
import {toViewSaid} from './bus-wire.ts';
import {clusterTag} from './cluster-tag.ts';
import type {Envelopes} from './envelope.ts';
import {FloodGate} from './flood-gate.ts';
import {LossLog} from './loss-log.ts';

const viewEveryMs = 100;

const onlyListens = {
  refusal: 'this leveler only listens: security.mode is "receive-only" in its config file',
  advice: 'ask another leveler; or set "enforcing" there, and restart the elector',
};

/** Whom the others hear is not asked here. */
const untold = {heard: [], isPartial: true} as const;

/** What is said of one who takes no part. */
const noPart = {
  mayForward: false,
  mayTake: false,
  leaseFromMs: undefined,
  caretaking: 'idle',
  servedBy: undefined,
  probe: undefined,
  hasMajority: false,
} as const;

type Heard = {
  readonly header: Header;
  readonly beat: Beat;
  readonly atMs: Readonly<Record<Net, number | undefined>>;
};

type Parts = {
  readonly world: World<'elector'>;
  readonly id: LevelerId;
  readonly about: About;
  readonly envelopes: Envelopes;
};

/**
 * An elector that hears and checks, and says nothing on any net: shows whether key, name and nets are right before a
 * leveler takes part. It neither votes nor forwards, and as nobody answers it, it cannot tell a recording from the
 * living.
 */
export class Observer {
  readonly #world: World<'elector'>;
  readonly #parts: Parts;
  readonly #tag: Uint8Array;
  readonly #losses: LossLog;
  readonly #gate: FloodGate;
  readonly #heard = new Map<LevelerId, Heard>();
  #about: About;
  #cancelView = (): void => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#world = parts.world;
    this.#about = parts.about;
    this.#tag = clusterTag(parts.world.config.cluster.name);
    this.#gate = new FloodGate(parts.world.clock.now());
    this.#losses = new LossLog(parts.world.log, parts.world.clock);
  }

  start(): void {
    const {bus, clock, log} = this.#world;
    log.warn('only listening, as the config file wants it', {mode: 'receive-only'});
    bus.hear({'announcer.claims': () => {}, 'announcer.probed': () => {}, 'forwarder.applied': () => {}});
    bus.answer({'elector.command': async () => onlyListens, 'elector.leave': async () => onlyListens});
    this.#cancelView = clock.every(viewEveryMs, () => {
      bus.say('elector.view', toViewSaid(this.#view(), clock.now(), this.#losses.counts, 'receive-only'));
    });
  }

  async stop(): Promise<void> {
    this.#cancelView();
    this.#losses.stop();
  }

  change(changes: Partial<About>): void {
    this.#about = {...this.#about, ...changes};
  }

  hear(net: Net, datagram: Buffer, source: IpAddress): void {
    const now = this.#world.clock.now();
    if (!this.#gate.admitsSource(net, source, this.#parts.envelopes.claimedSender(datagram), now)) {
      this.#losses.count('over-limit');
      return;
    }

    const opened = this.#parts.envelopes.open(datagram);
    const read = typeof opened === 'string' ? opened : decodeDatagram(this.#tag, opened.sender, opened.message);
    if (typeof read === 'string') {
      this.#losses.count(read);
    } else if (!this.#gate.admitsSender(net, source, read.header.sender, now)) {
      this.#losses.count('over-limit');
    } else if (read.header.sender === this.#parts.id) {
      this.#losses.count('twin');
    } else if (read.header.net !== net) {
      this.#losses.count('wrong-net');
    } else if (read.body.kind === 'beat') {
      this.#note(net, read.header, read.body);
    }
  }

  #note(net: Net, header: Header, beat: Beat): void {
    const before = this.#heard.get(header.sender);
    if (before === undefined) {
      this.#world.log.notice('leveler heard', {leveler: header.sender, name: beat.about.name});
    }

    const atMs = {a: undefined, b: undefined, ...before?.atMs, [net]: this.#world.clock.now()};
    this.#heard.set(header.sender, {header, beat, atMs});
  }

  #view(): View {
    const {id} = this.#parts;
    const live = [...this.#heard.values()].filter(heard => this.#isLive(heard));
    const leading = live.find(({beat}) => beat.role === 'leader');
    const others = [...this.#heard.values()].map(heard => this.#peer(heard));
    return {
      self: id,
      role: 'joining',
      term: Math.max(0, ...live.map(({beat}) => beat.term)),
      leader: leading?.header.sender,
      ...noPart,
      peers: [this.#self(), ...others].sort((one, other) => one.id - other.id),
    };
  }

  #self(): ViewedPeer {
    const {id, about} = this.#parts;
    const seen = {
      member: false,
      witness: false,
      live: true,
      astray: false,
      leaving: false,
      silenceMs: {a: 0, b: 0},
      applied: undefined,
    };
    return {...seen, id, name: about.name, about: this.#about, hears: untold, edition: undefined};
  }

  #peer(heard: Heard): ViewedPeer {
    const {header, beat, atMs} = heard;
    const now = this.#world.clock.now();
    const silence = (ms: number | undefined) => (ms === undefined ? undefined : Math.max(0, now - ms));
    return {
      id: header.sender,
      name: beat.about.name,
      member: beat.lineage !== undefined && !beat.asking,
      witness: beat.witness,
      live: this.#isLive(heard),
      astray: false,
      leaving: beat.leaving,
      about: beat.about,
      silenceMs: {a: silence(atMs.a), b: silence(atMs.b)},
      applied: beat.applied,
      hears: untold,
      edition: beat.edition,
    };
  }

  #isLive({atMs}: Heard): boolean {
    const {clock, config} = this.#world;
    return clock.now() - Math.max(atMs.a ?? -Infinity, atMs.b ?? -Infinity) < config.timing.suspectMs;
  }
}
