import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {shownOf, type WantedKeys} from '@tacoplex/cluster';
import {digestConfig} from '@tacoplex/config';
import {softwareVersion, type World} from '@tacoplex/daemon';
import {
  type About,
  type Action,
  type Event,
  echoFor,
  firstState,
  type Net,
  type Setup,
  type State,
  step,
  type Value,
  viewOf,
  wakeAtMs,
} from '@tacoplex/election';
import {WorldError} from '@tacoplex/errors';
import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';
import {fromAppliedSaid, fromClaimsSaid, fromProbedSaid, toStateSaid} from './bus-wire.ts';
import {CarryingWatch} from './carrying-watch.ts';
import {CommandDesk} from './command-desk.ts';
import {ClusterContent} from './content.ts';
import {Departures} from './departures.ts';
import {Disk} from './disk.ts';
import type {Envelopes} from './envelope.ts';
import type {KeyKeeper} from './key-keeper.ts';
import {LossLog} from './loss-log.ts';
import {Mail, type Recipient, type Wire} from './mail.ts';
import {logNews} from './news.ts';
import {ViewSpeaker} from './view-speaker.ts';
import {WaitLog} from './wait-log.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** How often missing pieces are looked for while a large message is on its way. */
const chaseEveryMs = 10;

/** Whoever leaves goes on beating until its shared addresses are taken over, but no longer than this. */
const lingerMs = 700;
const drainMs = 1000;
const lingerStepMs = 20;

export type Parts = {
  readonly world: World<'elector'>;
  readonly id: LevelerId;
  readonly about: About;
  readonly envelopes: Envelopes;
  readonly keys: KeyKeeper;
  readonly wires: Readonly<Record<Net, Wire>>;
};

/** Where the election meets the world: datagrams, time, files and bus in; actions out. It decides nothing. */
export class Elector {
  readonly #world: World<'elector'>;
  readonly #setup: Setup;
  readonly #content: ClusterContent;
  readonly #disk: Disk;
  readonly #mail: Mail;
  readonly #keys: KeyKeeper;
  readonly #losses: LossLog;
  readonly #departures: Departures;
  readonly #waits: WaitLog;
  readonly #views: ViewSpeaker;
  readonly #carrying: CarryingWatch;
  readonly #desk: CommandDesk;
  readonly #events: Event[] = [];
  #state: State;
  #about: About;
  #isTaking = false;
  #isSettling = false;
  #hasStopped = false;
  #fail: (error: WorldError) => void = () => {};
  #wakeMs = Number.POSITIVE_INFINITY;
  #cancelWake = (): void => {};
  #cancelChase: (() => void) | undefined;

  constructor({world, id, about, envelopes, keys, wires}: Parts) {
    const {config, clock, log} = world;
    const {name: cluster} = config.cluster;
    const nonce = randomBytes(8).toString('hex');
    this.#world = world;
    this.#keys = keys;
    this.#about = {...about, keys: shownOf(keys.ring)};
    this.#content = new ClusterContent(cluster);
    const edition = {software: softwareVersion(), configDigest: digestConfig(config)};
    const isWitness = config.role === 'witness';
    this.#setup = {id, name: about.name, nonce, content: this.#content, timing: config.timing, edition, isWitness};
    this.failed.catch(() => {}); // Also when nobody listens yet
    this.#disk = new Disk({
      folder: config.paths.state,
      copies: join(config.paths.run, 'elector'),
      cluster,
      leveler: id,
      content: this.#content,
      clock,
      log,
      onFault: diskFault => this.change({diskFault}),
    });
    this.#losses = new LossLog(log, clock);
    this.#waits = new WaitLog(log, clock, config.timing.beatMs);
    this.#carrying = new CarryingWatch(log, clock.now());
    this.#mail = new Mail({
      id,
      nonce,
      cluster,
      envelopes,
      wires,
      now: () => clock.now(),
      onHeard: (net, header, body) => this.#takeHeard({kind: 'heard', net, header, body}),
      onTold: (from, message) => this.#take({kind: 'told', from, message}),
      onLost: loss => this.#losses.count(loss),
    });
    this.#desk = new CommandDesk(keys, (request, command) => this.#take({kind: 'asked', request, command}));
    this.#departures = new Departures({
      clock,
      log,
      view: () => viewOf(this.#setup, this.#state),
      leave: async () => this.#leave(drainMs),
      stay: () => this.#take({kind: 'stay'}),
      claims: () => this.#about.claims,
      send: (to, errand) => this.#mail.send(this.#recipient(to), errand),
    });
    const found = this.#disk.load();
    if (found.value !== undefined) {
      keys.note(this.#wantedKeys(found.value));
    }

    const [state, actions] = firstState(this.#setup, clock.now(), this.#about, found);
    this.#state = state;
    this.#views = new ViewSpeaker({
      world,
      setup: this.#setup,
      losses: this.#losses,
      waits: this.#waits,
      state: () => this.#state,
      arpKeys: () => envelopes.arpKeysOf(world.config.cluster.name),
    });
    this.#perform(actions);
  }

  /** Rejects once this process must end. It says goodbye to nobody: whoever has its number lives on. */
  readonly failed = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  /** Begin to beat, and to speak on the bus. */
  start(): void {
    const {bus, log} = this.#world;
    if (this.#state.held !== undefined && !this.#state.sound) {
      log.warn('own last vote not known, neither voting nor acknowledging until recovered');
    }

    bus.hear({
      'announcer.claims': said => this.#takeClaims(said),
      'announcer.probed': said => this.#take(fromProbedSaid(said)),
      'forwarder.applied': said => this.#takeApplied(said),
    });
    bus.answer({
      'elector.command': async asked => this.#desk.answer(asked),
      'elector.leave': async asked => this.#departures.answer(asked),
    });
    this.#views.start();
    this.#passTime();
  }

  /** A datagram came in on a net. */
  hear(net: Net, datagram: Buffer, source: IpAddress, waitedMs: number | undefined): void {
    // A datagram that anybody can forge says nothing of how busy this machine is
    if (this.#mail.take(net, datagram, source)) {
      this.#waits.note(waitedMs);
    }
  }

  /** Something of what this leveler says of itself is different now. */
  change(changes: Partial<About>): void {
    this.#about = {...this.#about, ...changes};
    this.#take({kind: 'about', about: this.#about});
  }

  /** Say goodbye, and go when others have taken what this leveler held. */
  async stop(): Promise<void> {
    await this.#leave(lingerMs);
    this.#hasStopped = true;
    this.#cancelWake();
    this.#cancelChase?.();
    this.#views.stop();
    this.#losses.stop();
    this.#waits.stop();
    this.#keys.stop();
  }

  /** Leave, and wait until nothing shared is held, but no longer than `patienceMs`. */
  async #leave(patienceMs: number): Promise<void> {
    const {clock} = this.#world;
    const untilMs = clock.now() + patienceMs;
    this.#take({kind: 'leave'});
    do {
      await new Promise<void>(resolve => {
        clock.after(lingerStepMs, resolve);
      });
      this.#take({kind: 'about', about: this.#about}); // Said again: any beat may be lost
    } while (this.#about.claims.some(({holding}) => holding) && clock.now() < untilMs);
  }

  #take(event: Without<Event, 'nowMs'>, nowMs: number = this.#world.clock.now()): void {
    if (this.#step(event, nowMs)) {
      this.#settle();
    }
  }

  /** Beats come many at a time: what follows from all of them is looked at once. */
  #takeHeard(event: Without<Extract<Event, {kind: 'heard'}>, 'nowMs'>): void {
    if (this.#step(event) && !this.#isSettling) {
      this.#isSettling = true;
      this.#world.clock.soon(() => {
        this.#isSettling = false;
        if (!this.#hasStopped) {
          this.#settle();
        }
      });
    }
  }

  /** Take an event, and those that its actions give rise to, one after the other. @returns whether they were taken now */
  #step(event: Without<Event, 'nowMs'>, nowMs: number = this.#world.clock.now()): boolean {
    this.#events.push({...event, nowMs} as Event);
    if (this.#isTaking || this.#hasStopped) {
      return false;
    }

    this.#isTaking = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      const [state, actions] = step(this.#setup, this.#state, next);
      this.#state = state;
      this.#perform(actions);
    }

    this.#isTaking = false;
    return true;
  }

  #settle(): void {
    this.#arm();
    this.#views.sayNews();
  }

  /** @param dueMs what a timer was set for: those of Node come up to a millisecond early, and that is soon enough */
  #passTime(dueMs = 0): void {
    const nowMs = this.#world.clock.now();
    this.#take({kind: 'time', draw: Math.random()}, dueMs - nowMs < 1 ? Math.max(nowMs, dueMs) : nowMs);
  }

  /** A timer that is set for an earlier time stays: being told the time too soon does no harm, and most events change nothing. */
  #arm(): void {
    const atMs = wakeAtMs(this.#setup, this.#state);
    if (atMs >= this.#wakeMs) {
      return;
    }

    this.#cancelWake();
    this.#wakeMs = atMs;
    this.#cancelWake = this.#world.clock.after(Math.max(0, atMs - this.#world.clock.now()), () => {
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.#passTime(atMs);
    });
  }

  #perform(actions: readonly Action[]): void {
    for (const action of actions) {
      this.#do(action);
    }
  }

  #do(action: Action): void {
    const {bus, log, optimiser} = this.#world;
    switch (action.kind) {
      case 'beat':
        this.#mail.multicast(action.beat);
        this.#lookAtDataPath();
        this.#views.sayWithBeat();
        break;
      case 'send':
        this.#mail.send(this.#recipient(action.to), action.message);
        break;
      case 'piece':
        this.#mail.takePiece(this.#recipient(action.from), action.piece);
        this.#chase();
        break;
      case 'yield':
        this.#yield(action.to);
        break;
      case 'errand':
        this.#departures.take(action.from, action.errand);
        break;
      case 'save':
        void this.#whenKept(this.#disk.save(action.memory), {kind: 'saved', memory: action.memory});
        break;
      case 'store':
        void this.#whenKept(this.#disk.store(action.value, action.sound), {kind: 'stored', stamp: action.value});
        break;
      case 'forget':
        void this.#disk.forget();
        break;
      case 'found':
        this.#take({kind: 'founded', value: this.#content.found(action.members, action.version)});
        break;
      case 'apply':
        bus.say('elector.state', toStateSaid(action.value));
        this.#keys.follow(this.#wantedKeys(action.value));
        break;
      case 'answer':
        this.#desk.settle(action.request, action.outcome);
        break;
      case 'count':
        this.#losses.count(action.drop);
        break;
      case 'tell':
        optimiser.rest();
        logNews(log, action.news);
        break;
    }
  }

  async #whenKept(writing: Promise<boolean>, event: Without<Event, 'nowMs'>): Promise<void> {
    if (await writing) {
      this.#take(event);
    }
  }

  #wantedKeys(value: Value): WantedKeys {
    const {keyRotation, keys} = this.#content.stateOf(value);
    return {keyRotation, keys, lineage: value.lineage};
  }

  #recipient(id: LevelerId): Recipient {
    return {id, about: this.#state.peers.get(id)?.said?.about, echo: echoFor(this.#state, id)};
  }

  #yield({name, b}: About): void {
    this.#hasStopped = true;
    const {id} = this.#setup;
    const who = `${name}, ${b?.mac ?? 'no MAC address on net B'}`;
    this.#fail(
      new WorldError(`leveler number ${id} runs already (${who}); give this one an address of its own on net B`, {
        code: 'ALREADY_RUNNING',
        process: `leveler ${id}`,
      }),
    );
  }

  #chase(): void {
    if (this.#cancelChase !== undefined || !this.#mail.isWaiting) {
      return;
    }

    this.#cancelChase = this.#world.clock.after(chaseEveryMs, () => {
      this.#cancelChase = undefined;
      this.#mail.chase(id => this.#recipient(id));
      this.#chase();
    });
  }

  /** At each beat, and whenever the frame-forwarder has spoken. A witness has none, and no arp-announcer. */
  #lookAtDataPath(): void {
    const carrying =
      this.#setup.isWitness === true ? undefined : this.#carrying.look(this.#world.clock.now(), Date.now() / 1000);
    if (carrying !== undefined) {
      this.change({carrying});
    }
  }

  #takeClaims(said: Parameters<typeof fromClaimsSaid>[0]): void {
    this.#guard(() => {
      this.#carrying.hearAnnouncer(this.#world.clock.now());
      this.change(fromClaimsSaid(said));
    });
  }

  #takeApplied(said: Parameters<typeof fromAppliedSaid>[0]): void {
    this.#guard(() => {
      const stamp = fromAppliedSaid(said);
      this.#carrying.hear(said.notCarryingBecause, this.#world.clock.now());
      this.#lookAtDataPath();
      this.#take({kind: 'dataPath', isThere: !said.uninstalled});
      if (stamp !== undefined) {
        this.#take({kind: 'applied', stamp});
      }
    });
  }

  /** What another process says may decode and still make no sense. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }

      this.#world.log.warn('message dropped', {reason: error.message});
    }
  }
}
