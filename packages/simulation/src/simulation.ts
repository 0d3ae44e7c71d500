import type {Action as AnnouncersAction} from '@tacoplex/announcing';
import {
  type About,
  type Claim,
  type Event,
  type Net,
  type Outcome,
  type Setup,
  type State,
  sameStamp,
  type View,
} from '@tacoplex/election';
import type {LevelerId} from '@tacoplex/vocabulary';
import {Chance} from './chance.ts';
import {Electors, type Onlooker} from './electors.ts';
import {EventQueue} from './event-queue.ts';
import {Invariants} from './invariants.ts';
import {KeyRings, sendsWith} from './key-rings.ts';
import {aboutOf, leaseMs, type Machine, newMachine, type Recorded, whenShows} from './machine.ts';
import {Network, type Weather} from './network.ts';
import {nameOf, Play} from './play.ts';
import {Segment} from './segment.ts';
import {encodeToyCommand, id} from './toy-content.ts';
import type {KeyStep} from './toy-keys.ts';
import {Watch} from './watch.ts';
import {leaseOf, type Weakness} from './weakness.ts';

export type SimulationOptions = Onlooker & {
  /** Shared addresses of net A, 0..8. 0: there are no announcers. */
  readonly levIps?: number;
  /** Levelers that only vote. */
  readonly witnesses?: readonly number[] | undefined;
  /** A rule that is switched off. */
  readonly without?: Weakness | undefined;
  /** From when on beats stand in the play too; ms. */
  readonly beatsFromMs?: number;
  /** What a write takes at most until it would survive a power cut. */
  readonly slowestDiskMs?: number;
};

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const viewEveryMs = 100;

/** Clocks run this much too fast or too slow: what the lease allows for. */
const mostDrift = 0.01;

/** A cluster in virtual time, from one seed: equal seeds, equal histories. @throws Violation from whatever lets time pass */
export class Simulation {
  readonly chance: Chance;
  readonly network: Network;
  readonly invariants = new Invariants();
  readonly watch = new Watch();
  readonly segment: Segment;
  readonly keyRings: KeyRings;
  readonly answers = new Map<string, Outcome>();
  readonly machines: Machine[] = [];
  readonly slowestDiskMs: number;
  nowMs = 0;
  /** How many times a cluster was born. */
  lineages = 0;
  /** Steps of electors. */
  steps = 0;
  readonly #play = new Play();
  readonly #queue = new EventQueue();
  readonly #electors: Electors;
  readonly #without: Weakness | undefined;
  #asked = 0;

  /** @param size levelers, 1..64 */
  constructor(seed: number, size: number, options: SimulationOptions = {}) {
    const {levIps = 0, without, beatsFromMs = Infinity, slowestDiskMs = 8} = options;
    this.slowestDiskMs = slowestDiskMs;
    this.chance = new Chance(seed);
    this.network = new Network(this.chance);
    this.segment = new Segment(this, levIps);
    this.keyRings = new KeyRings(this);
    this.#without = without;
    this.#electors = new Electors(this, without, beatsFromMs, options);
    for (let number = 1; number <= size; number++) {
      this.start(id(number));
    }
  }

  /** What happened so far, to be read when something went wrong. */
  get transcript(): readonly string[] {
    return this.#play.lines;
  }

  get ids(): LevelerId[] {
    return this.machines.map(machine => machine.id);
  }

  stateOf(leveler: LevelerId): State {
    return this.machine(leveler).state;
  }

  setupOf(leveler: LevelerId): Setup {
    return this.machine(leveler).setup;
  }

  isUp(leveler: LevelerId): boolean {
    return this.machine(leveler).up;
  }

  get upMachines(): Machine[] {
    return this.machines.filter(({up}) => up);
  }

  get leaders(): LevelerId[] {
    return this.upMachines.filter(({state}) => state.role.kind === 'leader').map(machine => machine.id);
  }

  /** Whether one leader is followed by all that run, which all hold and follow the state it committed. */
  get isAgreed(): boolean {
    const [leader, ...others] = this.leaders;
    if (leader === undefined || others.length > 0) {
      return false;
    }

    const {held} = this.stateOf(leader);
    return this.upMachines.every(
      ({state}) => state.leader === leader && sameStamp(state.held, held) && sameStamp(state.committed, held),
    );
  }

  /** Whether all that run hear each other, freshly. */
  get isConnected(): boolean {
    const up = this.upMachines;
    return up.every(({state, id: self}) =>
      up.every(other => other.id === self || state.peers.get(other.id)?.live === true),
    );
  }

  /** Switch a box on, with what its disk holds; for one that is new, put it there. */
  start(leveler: LevelerId): void {
    const known = this.machines.find(machine => machine.id === leveler);
    const machine = known ?? this.#place(leveler);
    machine.up = true;
    machine.boots++;
    machine.originMs = this.chance.between(0, 1e7);
    machine.lagMs = this.nowMs;
    machine.frozenUntilMs = 0;
    machine.dataPath = undefined;
    machine.leaseUntilMs = 0;
    machine.about = aboutOf(leveler);
    this.segment.start(machine);
    this.#electors.start(machine);
    this.#speak(machine);
  }

  /** The power of a box fails. */
  crash(leveler: LevelerId, losesDisk = false): void {
    const machine = this.machine(leveler);
    machine.up = false;
    machine.boots++;
    machine.electorLives++;
    machine.announcer = undefined;
    this.say(`${nameOf(leveler)} loses power`);
    if (losesDisk) {
      this.tear(leveler, ['memory', 'value']);
    }
  }

  /** Files of a box that is off are lost, or cannot be read any more. */
  tear(leveler: LevelerId, files: readonly ('memory' | 'value')[]): void {
    const machine = this.machine(leveler);
    for (const file of files) {
      machine.disk[file] = undefined;
    }

    this.watch.forget(leveler);
    this.say(
      `${nameOf(leveler)} loses its ${files.map(file => ({memory: 'vote', value: 'state'})[file]).join(' and ')}`,
    );
  }

  /** Its elector ends and begins again; the rest of the box goes on. */
  restart(leveler: LevelerId): void {
    const machine = this.machine(leveler);
    if (machine.up) {
      this.#electors.start(machine);
    }
  }

  /** Its elector takes nothing for a while; what arrives waits. */
  pause(leveler: LevelerId, ms: number): void {
    const machine = this.machine(leveler);
    machine.pausedUntilMs = Math.max(machine.pausedUntilMs, this.nowMs + ms);
    this.watch.noteStall(leveler, machine.pausedUntilMs);
    this.say(`${nameOf(leveler)} stalls for ${Math.round(ms)} ms`);
  }

  /** Its disk takes nothing for a while; what is there stays. */
  fillDisk(leveler: LevelerId, ms: number): void {
    const machine = this.machine(leveler);
    machine.diskFullUntilMs = Math.max(machine.diskFullUntilMs, this.nowMs + ms);
    this.say(`the disk of ${nameOf(leveler)} is full for ${Math.round(ms)} ms`);
  }

  /** Somebody makes room: what waits is written with the next try. */
  freeDisks(): void {
    for (const machine of this.machines) {
      machine.diskFullUntilMs = Math.min(machine.diskFullUntilMs, this.nowMs);
    }
  }

  /** The whole box stands still, and so does its clock, as a virtual machine's may. */
  freeze(leveler: LevelerId, ms: number): void {
    const machine = this.machine(leveler);
    const standsFromMs = Math.max(machine.frozenUntilMs, this.nowMs);
    machine.frozenUntilMs = Math.max(standsFromMs, this.nowMs + ms);
    machine.lagMs += machine.frozenUntilMs - standsFromMs; // Two freezes at once stop the clock once
    machine.pausedUntilMs = Math.max(machine.pausedUntilMs, machine.frozenUntilMs);
    this.watch.noteStall(leveler, machine.pausedUntilMs);
    this.say(`${nameOf(leveler)} freezes for ${Math.round(ms)} ms, its clock too`);
  }

  /** Cut what goes from one to another on a net, this direction only. */
  cut(net: Net, from: LevelerId, to: LevelerId): void {
    this.network.cut(net, from, to);
    this.say(`net ${net}: nothing gets from ${nameOf(from)} to ${nameOf(to)} any more`);
  }

  changeWeather(weather: Weather): void {
    Object.assign(this.network.weather, weather);
    const {loss, duplication, mostDelayMs} = weather;
    this.say(
      `from now on ${100 * loss} % are lost, ${100 * duplication} % doubled, all delayed up to ${mostDelayMs} ms`,
    );
  }

  mend(): void {
    this.network.mend();
    this.say('all nets are whole');
  }

  /** @returns the request, a key of `answers` once it is answered */
  ask(leveler: LevelerId, command = `c${this.#asked + 1}`): string {
    const request = `${leveler}-${++this.#asked}`;
    this.say(`${nameOf(leveler)} is asked for ${command} (${request})`);
    this.give(leveler, {kind: 'asked', request, command: encodeToyCommand({id: command})});
    return request;
  }

  /** Ask for a step of a key rotation. @param fingerprint of the key that an addition brings in, 16 hexadecimal digits */
  askForKeys(leveler: LevelerId, kind: KeyStep['kind'], fingerprint: string, force: boolean): void {
    const request = `${leveler}-${++this.#asked}`;
    const sealedBy = sendsWith(this.machine(leveler).ring);
    const keyStep: KeyStep = kind === 'addKey' ? {kind, fingerprint, sealedBy} : {kind, force};
    this.say(`${nameOf(leveler)} is asked for ${kind}${force ? ' by force' : ''} (${request})`);
    this.give(leveler, {kind: 'asked', request, command: encodeToyCommand({id: `${kind} ${request}`, keyStep})});
  }

  leave(leveler: LevelerId): void {
    this.say(`${nameOf(leveler)} is told to leave`);
    this.give(leveler, {kind: 'leave'});
  }

  /** Play a datagram to a leveler that it took before, or that an earlier process of it took. */
  replay(leveler: LevelerId, {net, header, body}: Recorded, on: Net = net): void {
    const machine = this.machine(leveler);
    const before = machine.state;
    this.#electors.give(machine, {kind: 'heard', net: on, header, body}, true);
    this.watch.checkReplay(leveler, header.sender, before, machine.state);
  }

  /** Hand an event to a leveler as if its shell had. */
  give(leveler: LevelerId, event: Without<Event, 'nowMs'>): void {
    this.#electors.give(this.machine(leveler), event);
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let due = this.#queue.next(untilMs); due !== undefined; due = this.#queue.next(untilMs)) {
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.run();
    }

    this.nowMs = untilMs;
  }

  /** @returns how long it took, or undefined if it did not come true in time */
  passUntil(holds: () => boolean, withinMs: number, stepMs = 10): number | undefined {
    const startMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - startMs >= withinMs) {
        return undefined;
      }

      this.pass(stepMs);
    }

    return this.nowMs - startMs;
  }

  machine(leveler: LevelerId): Machine {
    const machine = this.machines.find(one => one.id === leveler);
    if (machine === undefined) {
      throw new RangeError(`no ${nameOf(leveler)}`);
    }

    return machine;
  }

  say(line: string): void {
    this.#play.say(this.nowMs, line);
  }

  after(ms: number, run: () => void): void {
    this.#queue.at(this.nowMs + ms, run);
  }

  /** Run later in the same life of a box, and after it has thawed. */
  afterBoot(machine: Machine, ms: number, run: () => void): void {
    const {boots} = machine;
    const go = (): void => {
      if (machine.boots !== boots) {
        return;
      }

      if (this.nowMs < machine.frozenUntilMs) {
        this.#queue.at(machine.frozenUntilMs, go);
      } else {
        run();
      }
    };
    this.#queue.at(this.nowMs + ms, go);
  }

  /** The announcer says what it holds: from the next beat on others hear of it. */
  setClaims(machine: Machine, claims: readonly Claim[]): void {
    this.tellAbout(machine, {claims});
  }

  /** The elector learns something new of its own leveler. */
  tellAbout(machine: Machine, news: Partial<About>): void {
    machine.about = {...machine.about, ...news};
    this.#electors.later(machine, 0.5, () => this.#electors.give(machine, {kind: 'about', about: machine.about}));
  }

  /** A write of an elector, after those before it. */
  onDisk(machine: Machine, write: () => void): void {
    this.#electors.onDisk(machine, write);
  }

  /** The announcer says who answered on net A. */
  sayProbed(machine: Machine, probed: Extract<AnnouncersAction, {kind: 'sayProbed'}>): void {
    const {number, isDone, answeredBy, provenBy} = probed;
    this.#electors.later(machine, 0.5, () =>
      this.#electors.give(machine, {kind: 'probed', number, isDone, answeredBy, provenBy}),
    );
  }

  /** The elector says whether its data path may forward, and from when on its lease runs. */
  noteView(machine: Machine, {mayForward: may, leaseFromMs}: Pick<View, 'mayForward' | 'leaseFromMs'>): void {
    const untilMs = whenShows(machine, (leaseFromMs ?? Number.NEGATIVE_INFINITY) + leaseMs);
    machine.leaseUntilMs = leaseOf(this.#without, machine.leaseUntilMs, may ? untilMs : this.nowMs);
    if (may) {
      this.watch.checkForwarding(machine, this.nowMs);
    }
  }

  /** Whether frames that reach it now are forwarded. */
  forwards({up, dataPath, leaseUntilMs, frozenUntilMs}: Machine): boolean {
    return up && dataPath !== undefined && this.nowMs < leaseUntilMs && this.nowMs >= frozenUntilMs;
  }

  #place(leveler: LevelerId): Machine {
    const machine = newMachine(this.#electors.setUp(leveler), 1 + this.chance.between(-mostDrift, mostDrift));
    this.machines.push(machine);
    return machine;
  }

  /** The elector's word, every 100 ms: not while it stalls. */
  #speak(machine: Machine): void {
    this.afterBoot(machine, viewEveryMs, () => {
      if (this.nowMs >= machine.pausedUntilMs) {
        this.segment.sayView(machine, true);
      }

      this.#speak(machine);
    });
  }
}
