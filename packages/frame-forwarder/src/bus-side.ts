import type {Bus} from '@tacoplex/bus';
import type {Clock} from '@tacoplex/clock';
import {type ClusterState, decodeState, toVersionMessage} from '@tacoplex/cluster';
import {WorldError} from '@tacoplex/errors';
import type {Log} from '@tacoplex/log';
import type {Incoming, Reply} from '@tacoplex/messages';
import {formatVersion, type IpAddress, type Subnet} from '@tacoplex/vocabulary';
import type {Gate} from './apply-gate.ts';
import {ServerTallies, ServiceTallies} from './counters.ts';
import type {Engine} from './engine.ts';
import {nameService, toImageContent} from './image-content.ts';
import type {Side} from './image-pair.ts';
import {findImpediment, type MachineFacts} from './impediment.ts';
import {writeRuleset} from './kernel-gate.ts';
import {obey} from './lease.ts';
import type {NeighbourBoard} from './neighbour-board.ts';
import {type Applied, type StatusParts, whyHalted, whyPortClosed, writeStatus} from './status.ts';
import type {Count, FromBus, Port, ToBus} from './thread-messages.ts';
import {UninstalledEngine} from './uninstalled-engine.ts';

/** How long a new image waits for the MAC addresses of servers it brings, and how often it looks. */
const resolveMs = 100;
/** The same while a predecessor goes on by its own tables: it knows where the servers are, and we shall before it ends. */
const takeOverMs = 3000;
const pollMs = 2;
const statusMs = 1000;

const stopping = 'frame-forwarder is about to stop; ask again when it is back';

export type BusSideParts = {
  readonly engine: Engine;
  readonly board: NeighbourBoard;
  readonly leaseMs: number;
  /** Of net B: what answers are routed from. */
  readonly gateways: readonly IpAddress[];
  readonly subnetB: Subnet;
  readonly bus: Bus<'frame-forwarder'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly gate: Gate;
  /** To the frame loop's thread. */
  readonly post: (message: FromBus) => void;
};

/** The half of the frame-forwarder that hears and speaks: brings images, keeps the lease, tells what was counted. */
export class BusSide {
  readonly #parts: BusSideParts;
  readonly #serverTallies: ServerTallies;
  readonly #serviceTallies: ServiceTallies;
  readonly #cancelStatus: () => void;
  #engine: Engine;
  #cancelStep = (): void => {};
  #ports: {a: Port; b: Port} | undefined;
  #machine: MachineFacts | undefined;
  #wanted: Applied | undefined;
  #applied: Applied | undefined;
  #faults: readonly Count[] = [];
  #halted = '';
  #ruleset = '';
  #gatesMoving = 0;
  #openedAs: string | undefined;
  /** Nothing is heard any more: what a closed engine has written into is gone, and would take the process with it. */
  #isStopped = false;

  constructor(parts: BusSideParts) {
    const {engine, bus, clock} = parts;
    this.#parts = parts;
    this.#engine = engine;
    this.#serverTallies = new ServerTallies(engine.counters);
    this.#serviceTallies = new ServiceTallies(engine.counters);
    this.#cancelStatus = clock.every(statusMs, () => this.#sayStatus());
    bus.hear({
      'elector.state': message => this.#unlessStopped(() => this.#takeState(message)),
      'elector.view': message => this.#unlessStopped(() => this.#takeView(message)),
    });
    bus.answer({
      'forwarder.explain': async question =>
        this.#isStopped
          ? {engine: this.#engine.name, refusal: stopping}
          : this.#engine.explain(question, this.#applied),
      'forwarder.uninstall': async () =>
        this.#isStopped ? {engine: this.#engine.name, refusal: stopping} : this.#answerUninstall(),
    });
  }

  /** A message of the frame loop's thread. */
  take(message: Exclude<ToBus, {kind: 'start' | 'stop'}>): void {
    this.#unlessStopped(() => this.#takeOwn(message));
  }

  #unlessStopped(act: () => void): void {
    if (!this.#isStopped) {
      act();
    }
  }

  #takeOwn(message: Exclude<ToBus, {kind: 'start' | 'stop'}>): void {
    switch (message.kind) {
      case 'faults':
        this.#faults = message.counts;
        break;
      case 'mac':
        this.#engine.setMac(message.number, message.mac);
        break;
      case 'ports':
        this.#takePorts(message);
        break;
      case 'machine':
        this.#machine = message.facts;
        this.#sayApplied();
        break;
    }
  }

  /** Leaves the kernel as it was found. What comes afterwards is not heard. Harmless the second time. */
  async stop(): Promise<void> {
    if (this.#isStopped) {
      return;
    }

    this.#isStopped = true;
    this.#cancelStatus();
    this.#cancelStep();
    if (this.#engine.needsGate) {
      await this.#parts.gate.remove(); // Meanwhile nobody renews a lease: a data path that goes on has no time for it
    }

    this.#engine.close();
  }

  async #answerUninstall(): Promise<Reply<'forwarder.uninstall'>> {
    const {name} = this.#engine;
    try {
      await this.#uninstall();
      return {engine: name, interface: this.#ports?.a.name ?? ''};
    } catch (error) {
      if (error instanceof WorldError) {
        return {refusal: error.message, engine: name};
      }

      throw error;
    }
  }

  /** Other states are still followed, so that nobody waits for us. */
  async #uninstall(): Promise<void> {
    if (this.#isUninstalled) {
      return;
    }

    const {gate} = this.#parts;
    const {inForce, needsGate} = this.#engine;
    this.#engine.uninstall();
    this.#engine = new UninstalledEngine(this.#engine, inForce);
    this.#sayApplied();
    this.#sayStatus();
    if (needsGate) {
      await gate.remove();
    }
  }

  get #isUninstalled(): boolean {
    return this.#engine instanceof UninstalledEngine;
  }

  #sayApplied(): void {
    const applied = this.#applied;
    this.#parts.bus.say('forwarder.applied', {
      version: applied === undefined ? undefined : toVersionMessage(applied.state.version),
      digest: applied?.digest ?? new Uint8Array(),
      uninstalled: this.#isUninstalled,
      notCarryingBecause: this.#whyNotCarrying(),
    });
  }

  #whyNotCarrying(): string {
    if (this.#ports === undefined || this.#machine === undefined) {
      return '';
    }

    return (
      whyPortClosed(this.#ports) ??
      findImpediment(this.#machine, {
        gateways: this.#parts.gateways,
        subnet: this.#parts.subnetB,
        services: this.#applied?.state.services ?? [],
      }) ??
      ''
    );
  }

  #takePorts({a, b}: {a: Port; b: Port}): void {
    const before = this.#ports;
    this.#ports = {a, b};
    const isLost = this.#engine.setPorts(a, b);
    if (isLost || a.mac !== before?.a.mac) {
      this.#begin(this.#wanted);
    } else if (a.isOpen && !before.a.isOpen && this.#openedAs !== undefined) {
      this.#ruleset = ''; // Another interface may have the name now, and then the rules are gone
    }

    this.#openedAs = a.isOpen ? a.name : this.#openedAs;
    this.#closeGate();
    this.#sayApplied();
    this.#sayStatus();
  }

  #takeView(view: Incoming<'elector.view'>): void {
    const {clock, leaseMs} = this.#parts;
    obey(view, this.#engine, {leaseMs, now: clock.now()});
    this.#sayApplied(); // And so that it lives
    if (this.#halted !== this.#whyHalted()) {
      this.#sayStatus();
    }
  }

  #takeState({state, digest}: Incoming<'elector.state'>): void {
    try {
      this.#begin({state: decodeState(state), digest: Uint8Array.from(digest)});
    } catch (error) {
      this.#parts.log.error('cluster state refused, the last one stays in force', {reason: (error as Error).message});
    }
  }

  /** The newest state wins: one that is still waiting is forgotten. */
  #begin(wanted: Applied | undefined): void {
    this.#cancelStep();
    this.#wanted = wanted;
    if (wanted === undefined || this.#ports === undefined) {
      return;
    }

    this.#parts.post({kind: 'servers', servers: wanted.state.servers.map(({number, address}) => ({number, address}))});
    this.#closeGate();
    const patienceMs = this.#engine.isTakingOver ? takeOverMs : resolveMs;
    this.#continue(wanted, this.#parts.clock.now() + patienceMs);
  }

  /**
   * Install when the gate is closed, the new servers' MAC addresses are known, or will not be soon, and nobody reads the
   * spare image.
   */
  #continue(wanted: Applied, deadline: number): void {
    const {clock} = this.#parts;
    const engine = this.#engine;
    const isWaiting = clock.now() < deadline && this.#newServersUnknown(wanted.state);
    if (isWaiting || this.#gatesMoving > 0 || engine.isSpareBusy) {
      this.#cancelStep = clock.after(pollMs, () => this.#continue(wanted, deadline));
    } else {
      this.#install(wanted);
    }
  }

  #newServersUnknown({servers}: ClusterState): boolean {
    const old = new Set(this.#applied?.state.servers.map(({number}) => number));
    return servers.some(({number}) => !old.has(number) && this.#parts.board.macOf(number) === undefined);
  }

  #install(wanted: Applied): void {
    const {state} = wanted;
    const {board} = this.#parts;
    const engine = this.#engine;
    const ports = this.#ports;
    if (ports === undefined) {
      return;
    }

    engine.refreshCounters();
    this.#serviceTallies.begin((1 - engine.inForce) as Side, state.services.map(nameService));
    this.#serverTallies.setServers(state.servers.map(({number}) => number));
    engine.install(toImageContent(state, ports.a.mac, number => board.macOf(number) ?? engine.inheritedMacOf(number)));
    this.#applied = wanted;
    this.#parts.post({kind: 'flipped'});
    this.#sayApplied();
    this.#parts.log.info('state applied', {version: formatVersion(state.version), servers: state.servers.length});
    this.#sayStatus();
  }

  /** Before the first opening the interface is known to exist; afterwards it may be away while it is not open. */
  #closeGate(): void {
    if (this.#ports === undefined || this.#wanted === undefined || !this.#engine.needsGate) {
      return;
    }

    const {name, mac, isOpen} = this.#ports.a;
    if (!isOpen && this.#openedAs !== undefined) {
      return;
    }

    const ruleset = writeRuleset(name, mac, this.#wanted.state.services);
    if (ruleset !== this.#ruleset) {
      this.#ruleset = ruleset;
      this.#gatesMoving++;
      void this.#parts.gate.apply(ruleset).then(() => {
        this.#gatesMoving--;
      });
    }
  }

  #whyHalted(): string {
    return this.#ports === undefined ? 'starting' : whyHalted(this.#statusParts(this.#ports));
  }

  #sayStatus(): void {
    if (this.#ports !== undefined) {
      this.#engine.refreshCounters();
      const status = writeStatus(this.#statusParts(this.#ports));
      this.#tellHalt(status.haltedBecause ?? '');
      this.#parts.bus.say('forwarder.status', status);
    }
  }

  #tellHalt(halted: string): void {
    if (halted !== this.#halted) {
      this.#halted = halted;
      if (halted === '') {
        this.#parts.log.notice('forwarding');
      } else {
        this.#parts.log.warn('forwarding halted', {reason: halted});
      }
    }
  }

  #statusParts(ports: {a: Port; b: Port}): StatusParts {
    const {clock, board} = this.#parts;
    const engine = this.#engine;
    const now = clock.now();
    return {
      applied: this.#applied,
      ports,
      isLeaseOver: engine.isLeaseOver(now),
      isUninstalled: this.#isUninstalled,
      engine,
      serverTallies: this.#serverTallies,
      serviceTallies: this.#serviceTallies,
      board,
      faults: this.#faults,
      now,
    };
  }
}
