import type {Clock} from '@tacoplex/clock';
import {toVersionMessage} from '@tacoplex/cluster';
import {type ImageContent, reasonTable} from '@tacoplex/leveling';
import type {Asked, Reply} from '@tacoplex/messages';
import {type MacAddress, type MonotonicMs, macToBytes, type ServerNumber} from '@tacoplex/vocabulary';
import {XdpEngine, XdpReplica} from '@tacoplex/xdp-engine';
import {Counters, createCounterMemory} from './counters.ts';
import type {Engine} from './engine.ts';
import type {Side} from './image-pair.ts';
import type {Applied} from './status.ts';
import type {Port} from './thread-messages.ts';

type EngineDecision = NonNullable<Reply<'forwarder.explain'>['decisions']>[number];

/** Longer or shorter frames the kernel does not run a program on for a test. */
const [shortestTested, longestTested] = [14, 3520];
const macBytes = 6;
/** How often the fragments that the program has handed over are looked after while there are some. */
const relayEveryMs = 5;

/** While there are none the program wakes this process; so long it may then take to stop. */
const quietMs = 500;

/** The xdp engine: the program in the kernel, followed through interfaces that come and go. */
export class XdpDataPath implements Engine {
  readonly name = 'xdp';
  readonly needsGate = false;
  readonly reason: string;
  readonly counters = new Counters(createCounterMemory());
  readonly #clock: Clock;
  #cancelRelay = (): void => {};
  #xdp: XdpEngine;
  #attachedTo: number;
  #netB: Port | undefined;
  /** As last installed, with what was heard of servers since: for explaining. */
  #content: ImageContent | undefined;
  #replica: XdpReplica | undefined;

  /** @param netA index of the interface that `xdp` is attached to */
  constructor(xdp: XdpEngine, reason: string, netA: number, clock: Clock) {
    this.#clock = clock;
    this.#xdp = xdp;
    this.#attachedTo = netA;
    this.reason = reason;
    this.#relay();
  }

  #relay(): void {
    const xdp = this.#xdp;
    if (xdp.relayFragments()) {
      this.#cancelRelay = this.#clock.after(relayEveryMs, () => this.#relay());
      return;
    }

    let isCancelled = false;
    this.#cancelRelay = () => {
      isCancelled = true;
    };
    void xdp.waitForFragment(quietMs).then(() => {
      if (!isCancelled) {
        this.#relay();
      }
    });
  }

  get inForce(): Side {
    return this.#xdp.side;
  }

  get isSpareBusy(): boolean {
    return this.#xdp.isSpareBusy;
  }

  get isTakingOver(): boolean {
    return this.#xdp.isTakingOver;
  }

  inheritedMacOf(number: ServerNumber): MacAddress | undefined {
    return this.#xdp.inheritedMacOf(number);
  }

  install(content: ImageContent): void {
    this.#xdp.install(content);
    this.#content = content;
    this.#replica?.install(content);
  }

  setMac(number: ServerNumber, mac: MacAddress): void {
    this.#xdp.setMac(number, mac);
    if (this.#content !== undefined) {
      const servers = this.#content.servers.map(server => (server.number === number ? {...server, mac} : server));
      this.#content = {...this.#content, servers};
      this.#replica?.setServer({number, mac, dead: false});
    }
  }

  renewLease(mayForward: boolean, saidAt: MonotonicMs, leaseMs: number, now: MonotonicMs): void {
    this.#xdp.renewLease(mayForward, saidAt, leaseMs, now);
  }

  forwardForEver(): void {
    this.#xdp.forwardForEver();
  }

  isLeaseOver(): boolean {
    return this.#xdp.isLeaseOver();
  }

  refreshCounters(): void {
    this.#xdp.readCounters(this.counters);
  }

  setPorts(a: Port, b: Port): boolean {
    const isLost = a.isOpen && a.index !== this.#attachedTo;
    if (isLost) {
      const before = this.#xdp; // Its interface is gone, and the program with it
      this.#xdp = new XdpEngine({netA: a, netB: b});
      before.close();
      this.#attachedTo = a.index;
      this.#cancelRelay();
      this.#relay();
    }

    if (b.isOpen !== this.#netB?.isOpen || b.index !== this.#netB.index || b.mac !== this.#netB.mac) {
      this.#xdp.setWayOut(b.isOpen ? b : undefined);
      this.#netB = b;
      this.#replica?.close();
      this.#replica = undefined;
    }

    return isLost;
  }

  explain({frames}: Asked<'forwarder.explain'>, applied: Applied | undefined): Reply<'forwarder.explain'> {
    const content = this.#content;
    if (applied === undefined || content === undefined || this.#netB === undefined) {
      return {engine: 'xdp', refusal: 'the data path has no cluster state yet'};
    }

    const replica = this.#replica ?? openReplica(content, this.#netB.mac);
    this.#replica = replica;
    return {
      engine: 'xdp',
      version: toVersionMessage(applied.state.version),
      digest: applied.digest,
      servers: content.servers.flatMap(({number, mac}) => (mac === undefined ? [] : [{number, mac: macToBytes(mac)}])),
      decisions: frames.map(frame => decideOne(replica, macToBytes(content.ourMac), frame)),
    };
  }

  uninstall(): void {
    this.#cancelRelay();
    this.refreshCounters();
    this.#xdp.uninstall();
    this.#replica?.close();
    this.#replica = undefined;
  }

  /** The program stays where it is, and forwards for as long as its lease lasts. */
  close(): void {
    this.#cancelRelay();
    this.#replica?.close();
    this.#xdp.close();
  }
}

function openReplica(content: ImageContent, sourceMac: MacAddress): XdpReplica {
  const replica = new XdpReplica({sourceMac: macToBytes(sourceMac), isOneArm: false});
  replica.control.forwardForEver();
  replica.install(content);
  return replica;
}

function decideOne(replica: XdpReplica, ourMac: Uint8Array, asked: Uint8Array): EngineDecision {
  if (asked.length < shortestTested || asked.length > longestTested) {
    return {verdict: '', reason: ''};
  }

  const frame = Uint8Array.from(asked);
  if (frame.subarray(0, macBytes).every(byte => byte === 0)) {
    frame.set(ourMac);
  }

  const {name = '', verdict = ''} = reasonTable[replica.explain(frame).reason] ?? {};
  return verdict === 'forward'
    ? {verdict, reason: name, destination: replica.run(frame).frame.slice(0, macBytes)}
    : {verdict, reason: name};
}
