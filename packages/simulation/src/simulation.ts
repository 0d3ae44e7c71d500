import {
  type About,
  type Action,
  type Beat,
  type Event,
  echoFor,
  firstState,
  type Header,
  type Memory,
  type Message,
  type Net,
  nets,
  type Outcome,
  type Setup,
  type State,
  sameStamp,
  step,
  type Value,
  wakeAtMs,
} from '@tacoplex/election';
import type {LevelerId, Version} from '@tacoplex/vocabulary';
import {Chance} from './chance.ts';
import {Invariants} from './invariants.ts';
import {encodeToyCommand, id, toyContent, toyValue} from './toy-content.ts';

export type Weather = {
  /** Probability that a datagram is lost, or arrives twice, on each net. */
  loss: number;
  duplication: number;
  leastDelayMs: number;
  mostDelayMs: number;
};

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Node = {
  readonly id: LevelerId;
  setup: Setup;
  state: State;
  up: boolean;
  boots: number;
  sequence: number;
  /** Takes nothing until then: what arrives waits. */
  pausedUntilMs: number;
  wakeMs: number;
  diskFreeMs: number;
  disk: {memory: Memory | undefined; value: Value | undefined};
};

type Due = {readonly atMs: number; readonly order: number; readonly run: () => void};

const about = (number: number): About => ({
  name: `leveler${number}`,
  a: undefined,
  b: undefined,
  reachesA: true,
  reachesB: true,
  claims: [],
});

/** A cluster in virtual time, from one seed: equal seeds, equal histories. */
export class Simulation {
  readonly chance: Chance;
  readonly weather: Weather = {loss: 0, duplication: 0, leastDelayMs: 0.1, mostDelayMs: 1};
  readonly invariants = new Invariants();
  readonly answers = new Map<string, Outcome>();
  /** What happened, to be read when something went wrong. */
  readonly transcript: string[] = [];
  nowMs = 0;
  /** How many times a cluster was born. */
  lineages = 0;
  readonly #nodes = new Map<LevelerId, Node>();
  readonly #cuts = new Set<string>();
  readonly #queue: Due[] = [];
  #order = 0;
  #asked = 0;

  constructor(seed: number, size: number) {
    this.chance = new Chance(seed);
    for (let number = 1; number <= size; number++) {
      this.start(id(number));
    }
  }

  get ids(): LevelerId[] {
    return [...this.#nodes.keys()];
  }

  stateOf(leveler: LevelerId): State {
    return this.#node(leveler).state;
  }

  setupOf(leveler: LevelerId): Setup {
    return this.#node(leveler).setup;
  }

  isUp(leveler: LevelerId): boolean {
    return this.#node(leveler).up;
  }

  get leaders(): LevelerId[] {
    return this.ids.filter(one => this.isUp(one) && this.stateOf(one).role.kind === 'leader');
  }

  /** Whether one leader is followed by all that run, which all hold and follow the state it committed. */
  get isAgreed(): boolean {
    const [leader, ...others] = this.leaders;
    if (leader === undefined || others.length > 0) {
      return false;
    }

    const {held} = this.stateOf(leader);
    return this.ids
      .filter(one => this.isUp(one))
      .map(one => this.stateOf(one))
      .every(state => state.leader === leader && sameStamp(state.held, held) && sameStamp(state.committed, held));
  }

  /** Start a process, with what its disk holds. */
  start(leveler: LevelerId): void {
    const known = this.#nodes.get(leveler);
    const nonce = this.chance.hex(16);
    const setup: Setup = {
      id: leveler,
      name: `leveler${leveler}`,
      nonce,
      content: toyContent,
      timing: {beatMs: 50, suspectMs: 150, leaseMs: 2000},
    };
    const disk = known?.disk ?? {memory: undefined, value: undefined};
    const [state, actions] = firstState(setup, this.nowMs, about(leveler), disk);
    const boots = (known?.boots ?? 0) + 1;
    const fresh = {up: true, sequence: 0, pausedUntilMs: 0, wakeMs: 0, diskFreeMs: 0};
    const node: Node = {id: leveler, setup, state, boots, disk, ...fresh};
    this.#nodes.set(leveler, node);
    this.#note(`${leveler} starts${disk.value === undefined ? ' blank' : ''}${state.sound ? '' : ' without a voice'}`);
    this.#perform(node, actions);
    this.#arm(node);
  }

  crash(leveler: LevelerId, losesDisk = false): void {
    const node = this.#node(leveler);
    node.up = false;
    node.boots++;
    if (losesDisk) {
      node.disk = {memory: undefined, value: undefined};
    }

    this.#note(`${leveler} crashes${losesDisk ? ' and loses its disk' : ''}`);
  }

  pause(leveler: LevelerId, ms: number): void {
    this.#node(leveler).pausedUntilMs = this.nowMs + ms;
    this.#note(`${leveler} stalls for ${Math.round(ms)} ms`);
  }

  /** Cut what goes from one to another on a net, this direction only. */
  cut(net: Net, from: LevelerId, to: LevelerId): void {
    this.#cuts.add(`${net}${from}>${to}`);
    this.#note(`net ${net}: ${from} does not reach ${to} any more`);
  }

  mend(): void {
    this.#cuts.clear();
    this.#note('all nets are whole');
  }

  /** @returns the request, a key of `answers` once it is answered */
  ask(leveler: LevelerId, command = `c${this.#asked + 1}`): string {
    const request = `${leveler}-${++this.#asked}`;
    this.#note(`${leveler} is asked for ${command}`);
    this.#give(this.#node(leveler), {kind: 'asked', request, command: encodeToyCommand({id: command})});
    return request;
  }

  leave(leveler: LevelerId): void {
    this.#give(this.#node(leveler), {kind: 'leave'});
  }

  /** Hand an event to a leveler as if its shell had. */
  give(leveler: LevelerId, event: Without<Event, 'nowMs'>): void {
    this.#give(this.#node(leveler), event);
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let due = this.#next(untilMs); due !== undefined; due = this.#next(untilMs)) {
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.run();
    }

    this.nowMs = untilMs;
  }

  /** @returns how long it took, or undefined if it did not come true in time */
  passUntil(holds: () => boolean, withinMs: number): number | undefined {
    const startMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - startMs >= withinMs) {
        return undefined;
      }

      this.pass(10);
    }

    return this.nowMs - startMs;
  }

  #node(leveler: LevelerId): Node {
    const node = this.#nodes.get(leveler);
    if (node === undefined) {
      throw new RangeError(`no leveler ${leveler}`);
    }

    return node;
  }

  #note(line: string): void {
    this.transcript.push(`${this.nowMs.toFixed(1).padStart(9)}  ${line}`);
  }

  #next(untilMs: number): Due | undefined {
    const [first] = this.#queue;
    if (first === undefined || first.atMs > untilMs) {
      return undefined;
    }

    popHeap(this.#queue);
    return first;
  }

  #at(atMs: number, run: () => void): void {
    pushHeap(this.#queue, {atMs, order: this.#order++, run});
  }

  /** Run later in the same life of a process: not if it has crashed by then, and after its stall if it has one. */
  #later(node: Node, ms: number, run: () => void): void {
    const {boots} = node;
    const go = (): void => {
      if (!node.up || node.boots !== boots) {
        return;
      }

      if (this.nowMs < node.pausedUntilMs) {
        this.#at(node.pausedUntilMs, go);
      } else {
        run();
      }
    };
    this.#at(this.nowMs + ms, go);
  }

  #arm(node: Node): void {
    const wakeMs = Math.max(this.nowMs, wakeAtMs(node.setup, node.state));
    node.wakeMs = wakeMs;
    this.#later(node, wakeMs - this.nowMs, () => {
      if (node.wakeMs === wakeMs) {
        this.#give(node, {kind: 'time', draw: this.chance.next()});
      }
    });
  }

  #give(node: Node, event: Without<Event, 'nowMs'>): void {
    if (!node.up) {
      return;
    }

    const before = node.state;
    const [state, actions] = step(node.setup, before, {...event, nowMs: this.nowMs} as Event);
    node.state = state;
    this.invariants.check(node.id, before, state);
    this.#perform(node, actions);
    if (event.kind === 'time' || wakeAtMs(node.setup, state) < node.wakeMs) {
      this.#arm(node);
    }
  }

  #perform(node: Node, actions: readonly Action[]): void {
    for (const action of actions) {
      this.#do(node, action);
    }
  }

  #do(node: Node, action: Action): void {
    switch (action.kind) {
      case 'beat':
        this.#transmit(node, undefined, action.beat);
        break;
      case 'send':
        this.#transmit(node, action.to, action.message);
        break;
      case 'save':
        this.#onDisk(node, () => {
          node.disk.memory = action.memory;
          this.#give(node, {kind: 'saved', memory: action.memory});
        });
        break;
      case 'store':
        this.#onDisk(node, () => this.#store(node, action.value));
        break;
      case 'forget':
        node.disk = {memory: undefined, value: undefined};
        break;
      case 'found':
        this.#found(node, action.members, action.version);
        break;
      case 'apply':
        this.#later(node, this.chance.between(0, 5), () => this.#give(node, {kind: 'applied', stamp: action.value}));
        break;
      case 'answer':
        this.#note(`${node.id} answers ${action.request}: ${action.outcome.refusal || 'done'}`);
        this.answers.set(action.request, action.outcome);
        break;
      case 'tell':
        this.#note(`${node.id}: ${JSON.stringify(action.news)}`);
        break;
      case 'count':
      case 'piece':
        break;
    }
  }

  /** One write after the other, each as slow as it likes. */
  #onDisk(node: Node, write: () => void): void {
    node.diskFreeMs = Math.max(node.diskFreeMs, this.nowMs) + this.chance.between(0, 8);
    this.#later(node, node.diskFreeMs - this.nowMs, write);
  }

  #store(node: Node, value: Value): void {
    if (node.state.held !== value) {
      return; // A newer one is on its way to the disk
    }

    node.disk.value = value;
    this.#give(node, {kind: 'stored', stamp: value});
  }

  #found(node: Node, members: Value['members'], version: Version): void {
    this.lineages++;
    const value = toyValue({lineage: this.chance.hex(16), version, members, entries: []});
    this.#note(`${node.id} founds a cluster of ${members.map(member => member.id).join(' ')}`);
    this.#later(node, 0, () => this.#give(node, {kind: 'founded', value}));
  }

  #transmit(node: Node, to: LevelerId | undefined, body: Beat | Message): void {
    for (const net of nets) {
      const header = {sender: node.id, nonce: node.setup.nonce, sequence: ++node.sequence, net, to};
      for (const other of this.#nodes.values()) {
        if (other !== node && (to === undefined || to === other.id)) {
          this.#deliver(other, {...header, echo: to === undefined ? undefined : echoFor(node.state, to)}, body);
        }
      }
    }
  }

  #deliver(to: Node, header: Header, body: Beat | Message): void {
    const {loss, duplication, leastDelayMs, mostDelayMs} = this.weather;
    const copies = 1 + Number(this.chance.happens(duplication));
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = this.chance.between(leastDelayMs, mostDelayMs);
      if (!this.chance.happens(loss) && !this.#cuts.has(`${header.net}${header.sender}>${to.id}`)) {
        this.#later(to, delayMs, () => this.#give(to, {kind: 'heard', net: header.net, header, body}));
      }
    }
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

function pushHeap(heap: Due[], due: Due): void {
  let at = heap.push(due) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(heap[at] as Due, heap[above] as Due)) {
      return;
    }

    swap(heap, at, above);
    at = above;
  }
}

function popHeap(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) {
    return;
  }

  heap[0] = last;
  for (let at = 0; ; ) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let first = at;
    for (const below of [left, right]) {
      if (below < heap.length && isBefore(heap[below] as Due, heap[first] as Due)) {
        first = below;
      }
    }

    if (first === at) {
      return;
    }

    swap(heap, at, first);
    at = first;
  }
}

function swap(heap: Due[], one: number, other: number): void {
  [heap[one], heap[other]] = [heap[other] as Due, heap[one] as Due];
}
