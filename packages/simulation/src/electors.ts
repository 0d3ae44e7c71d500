import {shownOf} from '@tacoplex/cluster';
import {
  type Action,
  type Beat,
  type Content,
  type Event,
  echoFor,
  firstState,
  type Header,
  type Message,
  nets,
  type Outcome,
  type Setup,
  type State,
  step,
  type Value,
  wakeAtMs,
} from '@tacoplex/election';
import type {LevelerId, Version} from '@tacoplex/vocabulary';
import {Disks} from './disks.ts';
import {believes, sendsWith} from './key-rings.ts';
import {type Heard, leaseMs, localMs, type Machine, record, whenShows} from './machine.ts';
import {nameOf, sayBeat, sayDecision, sayMessage, sayNews} from './play.ts';
import type {Simulation} from './simulation.ts';
import {readCommand, toyContent, toyValue} from './toy-content.ts';
import {type Weakness, weakenAction, weakenEvent, weakenShown, weakenStep} from './weakness.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Told what electors say and take, while they do: for those who weigh it. */
export type Onlooker = {
  /** A datagram goes out on a net, whether it arrives or not. What is too large for one is told as if it was not. */
  readonly onSent?: ((header: Header, body: Beat | Message) => void) | undefined;
  /** An elector is about to take an event. */
  readonly onStep?: ((setup: Setup, before: State, event: Event) => void) | undefined;
};

/** The shells of the electors: events in, actions out, as in the process, and every step watched. */
export class Electors {
  readonly #simulation: Simulation;
  readonly #without: Weakness | undefined;
  readonly #beatsFromMs: number;
  readonly #onlooker: Onlooker;
  readonly #witnesses: ReadonlySet<number>;
  readonly #disks: Disks;

  constructor(
    simulation: Simulation,
    without: Weakness | undefined,
    beatsFromMs: number,
    onlooker: Onlooker & {readonly witnesses?: readonly number[] | undefined},
  ) {
    this.#simulation = simulation;
    this.#without = without;
    this.#beatsFromMs = beatsFromMs;
    this.#onlooker = onlooker;
    this.#witnesses = new Set(onlooker.witnesses);
    this.#disks = new Disks({
      without,
      chance: simulation.chance,
      slowestMs: simulation.slowestDiskMs,
      nowMs: () => simulation.nowMs,
      later: (machine, ms, run) => this.later(machine, ms, run),
      give: (machine, event) => this.give(machine, event),
    });
  }

  /** What stays the same for the life of a process that begins now. */
  setUp(leveler: LevelerId): Setup {
    return {
      id: leveler,
      name: nameOf(leveler),
      nonce: this.#simulation.chance.hex(16),
      content: {...toyContent, carryOut: this.#carryOut},
      timing: {beatMs: 50, suspectMs: 150, leaseMs},
      edition: {software: '0.1.0', configDigest: '0'.repeat(16)},
      isWitness: this.#witnesses.has(leveler),
    };
  }

  readonly #carryOut: Content['carryOut'] = (value, version, command, shown) => {
    const carried = toyContent.carryOut(value, version, command, weakenShown(this.#without, value, shown));
    if (carried.kind === 'done') {
      this.#simulation.keyRings.noteCommand(readCommand(command), value.members, shown);
    }

    return carried;
  };

  /** A process begins, with what the disk holds; the one before is gone. */
  start(machine: Machine): void {
    const {disk, id: leveler} = machine;
    machine.electorLives++;
    machine.electorSinceMs = this.#simulation.nowMs;
    machine.setup = this.setUp(leveler);
    Object.assign(machine, {sequence: 0, pausedUntilMs: 0, diskFreeMs: 0, dataPathFreeMs: 0});
    Object.assign(machine, {wantedKeys: undefined, isKeepingKeys: false});
    machine.about = {...machine.about, keys: shownOf(machine.ring)};
    Object.assign(machine, {recording: machine.record, record: [], lately: []});
    const [state, actions] = firstState(machine.setup, localMs(machine, this.#simulation.nowMs), machine.about, disk);
    machine.state = state;
    const blank = disk.value === undefined && disk.memory === undefined;
    this.#simulation.say(
      `${nameOf(leveler)} starts${blank ? ' blank' : state.sound ? '' : ', unsure of its last vote'}`,
    );
    this.#perform(machine, actions);
    this.#simulation.keyRings.check();
    this.#arm(machine);
    if (machine.dataPath !== undefined) {
      const stamp = machine.dataPath;
      this.later(machine, 1, () => this.give(machine, {kind: 'applied', stamp}));
    }
  }

  /** Run later in the same life of an elector, and after its stall if it has one. */
  later(machine: Machine, ms: number, run: () => void): void {
    const {electorLives} = machine;
    const go = (): void => {
      if (this.#isAwake(machine, electorLives, go)) {
        run();
      }
    };
    this.#simulation.after(ms, go);
  }

  /** The same for a datagram: they are nearly all that happens later. */
  #arrive(machine: Machine, ms: number, datagram: Omit<Heard, 'nowMs'>, key: string): void {
    const {electorLives} = machine;
    const go = (): void => {
      if (this.#isAwake(machine, electorLives, go) && believes(machine.ring, key)) {
        this.give(machine, datagram);
      }
    };
    this.#simulation.after(ms, go);
  }

  /** Whether an elector still lives the same life, and takes something now; if it stalls, it goes `again` after that. */
  #isAwake(machine: Machine, electorLives: number, again: () => void): boolean {
    const {nowMs} = this.#simulation;
    const isSame = machine.up && machine.electorLives === electorLives;
    if (isSame && nowMs < machine.pausedUntilMs) {
      this.#simulation.after(machine.pausedUntilMs - nowMs, again);
      return false;
    }

    return isSame;
  }

  #arm(machine: Machine): void {
    const wakeMs = Math.max(this.#simulation.nowMs, this.#wakeAtMs(machine));
    machine.wakeMs = wakeMs;
    this.later(machine, wakeMs - this.#simulation.nowMs, () => {
      if (machine.wakeMs === wakeMs) {
        this.#wake(machine);
      }
    });
  }

  #wakeAtMs(machine: Machine): number {
    return whenShows(machine, wakeAtMs(machine.setup, machine.state));
  }

  /** What was heard meanwhile may have made it too early: the process too sets its alarm anew after each event. */
  #wake(machine: Machine): void {
    const {chance, machines, nowMs, watch} = this.#simulation;
    if (this.#wakeAtMs(machine) > nowMs) {
      this.#arm(machine);
      return;
    }

    this.give(machine, {kind: 'time', draw: chance.next()});
    watch.checkQuorum(machine, nowMs);
    watch.checkFence(machine, machines, one => this.#simulation.forwards(one), nowMs);
  }

  /** @param isReplay of a recording, so that it is not recorded again */
  give(machine: Machine, event: Without<Event, 'nowMs'>, isReplay = false): void {
    if (!machine.up) {
      return;
    }

    const before = machine.state;
    const nowMs = localMs(machine, this.#simulation.nowMs);
    const taken = weakenEvent(this.#without, machine.setup, at(event, nowMs));
    this.#onlooker.onStep?.(machine.setup, before, taken);
    const [state, actions] = weakenStep(this.#without, before, step(machine.setup, before, taken));
    machine.state = state;
    this.#simulation.steps++;
    this.#note(machine, before, state, event, isReplay);
    this.#perform(machine, actions);
    if (event.kind === 'time' || this.#wakeAtMs(machine) < machine.wakeMs) {
      this.#arm(machine);
    }

    this.#simulation.segment.sayView(machine, false);
  }

  #note(machine: Machine, before: State, state: State, event: Without<Event, 'nowMs'>, isReplay: boolean): void {
    const decision = sayDecision(machine.id, before, state);
    if (decision !== undefined) {
      this.#simulation.say(decision);
    }

    this.#simulation.invariants.check(machine.id, before, state);
    this.#simulation.watch.see(machine, before, state, this.#simulation.nowMs);
    if (before.held !== state.held) {
      this.#simulation.keyRings.check();
    }

    if (event.kind === 'heard' && !isReplay) {
      this.#simulation.watch.noteTaken(machine.id, event.header.sender, this.#simulation.nowMs);
      record(machine, event as Heard, this.#simulation.nowMs);
    }
  }

  #perform(machine: Machine, actions: readonly Action[]): void {
    for (const action of actions) {
      const fake = weakenAction(this.#without, action);
      if (fake === undefined) {
        this.#do(machine, action);
      } else {
        this.later(machine, 0, () => this.give(machine, fake.event));
      }
    }
  }

  #do(machine: Machine, action: Action): void {
    switch (action.kind) {
      case 'beat':
        this.#multicast(machine, action.beat);
        break;
      case 'send':
        this.#send(machine, action.to, action.message);
        break;
      case 'save':
        this.#disks.save(machine, action.memory);
        break;
      case 'store':
        this.#disks.store(machine, action.value, action.sound);
        break;
      case 'forget':
        this.#disks.forget(machine);
        break;
      case 'found':
        this.#found(machine, action.members, action.version);
        break;
      case 'apply':
        this.#simulation.keyRings.follow(machine, action.value);
        this.#apply(machine, action.value);
        break;
      case 'answer':
        this.#answer(machine, action.request, action.outcome);
        break;
      case 'tell':
        this.#simulation.say(sayNews(machine.id, action.news));
        break;
      case 'count':
      case 'piece':
      case 'errand':
      case 'yield': // No two machines have one number here
        break;
    }
  }

  /** A write, after those before it. */
  onDisk(machine: Machine, write: () => void): void {
    this.#disks.write(machine, write);
  }

  #found(machine: Machine, members: Value['members'], version: Version): void {
    this.#simulation.lineages++;
    const value = toyValue({lineage: this.#simulation.chance.hex(16), version, members, entries: []});
    this.#simulation.say(
      `${nameOf(machine.id)} founds a cluster of ${members.map(member => nameOf(member.id)).join(', ')}`,
    );
    this.later(machine, 0, () => this.give(machine, {kind: 'founded', value}));
  }

  /** The data path follows one state after the other, in the order in which it was told. */
  #apply(machine: Machine, {version, digest, lineage}: Value): void {
    if (machine.setup.isWitness === true) {
      return;
    }

    machine.dataPathFreeMs =
      Math.max(machine.dataPathFreeMs, this.#simulation.nowMs) + this.#simulation.chance.between(0, 5);
    this.later(machine, machine.dataPathFreeMs - this.#simulation.nowMs, () => {
      machine.dataPath = {version, digest, lineage};
      this.give(machine, {kind: 'applied', stamp: {version, digest}});
    });
  }

  #answer(machine: Machine, request: string, outcome: Outcome): void {
    const {missing, refusal} = outcome;
    const reach = missing.length === 0 ? 'everywhere' : `not at ${missing.map(nameOf).join(', ')}`;
    this.#simulation.say(`${nameOf(machine.id)} answers ${request}: ${refusal === '' ? `done, ${reach}` : refusal}`);
    this.#simulation.answers.set(request, outcome);
    const lineage = machine.state.held?.lineage;
    this.#simulation.invariants.noteAnswer(lineage, outcome);
    this.#simulation.watch.noteAnswer(lineage, outcome);
  }

  #multicast(machine: Machine, beat: Beat): void {
    if (this.#simulation.nowMs >= this.#beatsFromMs) {
      this.#simulation.say(sayBeat(machine.id, beat));
    }

    const key = sendsWith(machine.ring);
    for (const net of nets) {
      const header = {
        sender: machine.id,
        nonce: machine.setup.nonce,
        sequence: ++machine.sequence,
        net,
        to: undefined,
        echo: undefined,
      };
      this.#onlooker.onSent?.(header, beat);
      const datagram = {kind: 'heard', net, header, body: beat} as const;
      for (const other of this.#simulation.machines) {
        if (other !== machine && other.up) {
          this.#deliver(other, datagram, key);
        }
      }
    }
  }

  #send(machine: Machine, to: LevelerId, message: Message): void {
    const other = this.#simulation.machines.find(one => one.id === to);
    const {sender, nonce} = {sender: machine.id, nonce: machine.setup.nonce};
    const echo = echoFor(machine.state, to);
    const key = sendsWith(machine.ring);
    const lost = nets.filter(net => {
      const header = {sender, nonce, sequence: ++machine.sequence, net, to, echo};
      this.#onlooker.onSent?.(header, message);
      return other?.up !== true || !this.#deliver(other, {kind: 'heard', net, header, body: message}, key);
    });
    this.#simulation.say(sayMessage(machine.id, to, message, lost.join('')));
  }

  /** @param key with which it is signed @returns whether any copy arrives */
  #deliver(to: Machine, datagram: Omit<Heard, 'nowMs'>, key: string): boolean {
    const {network} = this.#simulation;
    let arrives = false;
    for (let copies = network.drawCopies(); copies > 0; copies--) {
      const delayMs = network.drawDelayMs(datagram.net, datagram.header.sender, to.id);
      if (delayMs !== undefined) {
        arrives = true;
        this.#arrive(to, delayMs, datagram, key);
      }
    }

    return arrives;
  }
}

/** The same event, at a time. Datagrams are nearly all of them, and are not worth a copy through the runtime. */
function at(event: Without<Event, 'nowMs'>, nowMs: number): Event {
  switch (event.kind) {
    case 'heard':
      return {kind: 'heard', nowMs, net: event.net, header: event.header, body: event.body};
    case 'time':
      return {kind: 'time', nowMs, draw: event.draw};
    default:
      return {...event, nowMs} as Event;
  }
}
