import {type Capture, openCapture} from '@tacoplex/capture';
import type {Clock} from '@tacoplex/clock';
import type {Config} from '@tacoplex/config';
import type {Running} from '@tacoplex/daemon';
import {WorldError} from '@tacoplex/errors';
import {disableCommand, disableOffloads, findInterface, type Interface, watchLinks} from '@tacoplex/links';
import {fieldOfCount, type Log, Repeats} from '@tacoplex/log';
import type {IpAddress, MacAddress, ServerNumber} from '@tacoplex/vocabulary';
import {type BusThread, errorOf} from './bus-thread.ts';
import type {Nets} from './check-machine.ts';
import {DataPath} from './data-path.ts';
import {MachineWatch} from './machine-watch.ts';
import {NeighbourBoard} from './neighbour-board.ts';
import {NeighbourWatch} from './neighbour-watch.ts';
import {NetPort} from './net-port.ts';
import type {Count, FromBus} from './thread-messages.ts';

/** Net B's capture hears ARP only: 32 answers at once, in the slots of an interface with its offloads on. */
const arpRingBytes = 2.5 * 1_048_576;
const faultsMs = 1000;
const fragmentsMs = 100;

export type ForwarderParts = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly nets: Nets;
  /** That opens and feeds the engine. */
  readonly bus: BusThread;
};

/**
 * The frame loop's thread. With the cap engine net A's capture feeds the frame loop, and net B's sends what it forwards;
 * with the xdp engine frames do not leave the kernel. With both, net B's capture hears the servers' ARP. Both captures may
 * be on one interface.
 */
export class Forwarder implements Running {
  readonly failed: Promise<never>;
  #fail = (_: WorldError): void => {};
  readonly #world: ForwarderParts;
  readonly #dataPath: DataPath;
  readonly #neighbours: NeighbourWatch;
  readonly #repeats: Repeats;
  readonly #a: NetPort;
  readonly #b: NetPort;
  readonly #links: ReturnType<typeof watchLinks>;
  #machine: MachineWatch | undefined;
  #bus: BusThread | undefined;
  #cancelTimers = (): void => {};
  /** Until both ports have been tried nothing is told of them: a data path that runs would take one that is not open yet for down. */
  #hasTried = false;

  constructor(world: ForwarderParts) {
    const {clock, nets, bus} = world;
    this.#world = world;
    this.#bus = bus;
    this.#dataPath = new DataPath(bus.memory);
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {}); // Whoever waits is told, even if that is not yet anybody
    this.#repeats = new Repeats(clock);
    this.#neighbours = new NeighbourWatch({
      tell: (number, mac) => this.#tellServer(number, mac),
      tellTwin: (address, mac, other) => this.#tellTwin(address, mac, other),
      board: new NeighbourBoard(bus.memory.board),
      clock,
    });
    this.#links = watchLinks([nets.a.name, nets.b.name], (name, up) => this.#takeLink(name, up));
    this.#a = this.#createPort('net A', nets.a);
    this.#b = this.#createPort('net B', nets.b);
  }

  async start(): Promise<void> {
    const {bus, clock} = this.#world;
    bus.listen(message => this.#take(message));
    await Promise.all([this.#a.open(), this.#b.open()]);
    this.#hasTried = true;
    this.#tellPorts();
    const {config, nets} = this.#world;
    this.#machine = new MachineWatch({
      config,
      nets,
      clock,
      onFacts: facts => this.#bus?.post({kind: 'machine', facts}),
    });
    this.#startTimers(clock);
    this.#tellWaiting();
  }

  #startTimers(clock: Clock): void {
    const timers = [
      clock.every(faultsMs, () => {
        this.#machine?.lookAtSettings();
        this.#bus?.post({kind: 'faults', counts: this.#countFaults()});
      }),
      // The kernel's frames do not come this way
      ...(this.#bus?.engine === 'cap' ? [clock.every(fragmentsMs, () => this.#dataPath.expireFragments())] : []),
    ];
    this.#cancelTimers = () => {
      for (const cancel of timers) {
        cancel();
      }
    };
  }

  async stop(): Promise<void> {
    this.#links.close();
    this.#machine?.close();
    this.#cancelTimers();
    this.#neighbours.close();
    this.#repeats.forget();
    const bus = this.#bus;
    this.#bus = undefined; // Its last word is not that links are down
    this.#a.close();
    this.#b.close();
    await bus?.stop();
  }

  #createPort(label: 'net A' | 'net B', first: Interface): NetPort {
    const {config, clock, log} = this.#world;
    const find = (): Interface =>
      label === 'net A' ? findInterface(config.netA.subnet, 'net_a') : findInterface(config.netB.subnet, 'net_b');
    return new NetPort({
      label,
      first,
      clock,
      log,
      find: () => sameName(find(), first),
      isUp: () => this.#links.isUp(first.name),
      open: async found => (label === 'net A' ? this.#openA(found) : this.#openB(found)),
      onChange: () => this.#takeChange(),
    });
  }

  async #openA({name, mac}: Interface): Promise<Capture> {
    if (this.#bus?.engine === 'xdp') {
      return kernelTakesAll;
    }

    await this.#switchOffloadsOff(name);
    return openCapture({
      interfaceName: name,
      filter: `ether dst ${mac} and not arp`,
      ringBytes: this.#world.config.engine.capRingBytes,
      onFrame: this.#dataPath.takeFrame,
    });
  }

  async #openB({name, mac}: Interface): Promise<Capture> {
    return openCapture({
      interfaceName: name,
      filter: `arp and not ether src ${mac}`,
      ringBytes: arpRingBytes,
      onFrame: this.#neighbours.takeFrame,
    });
  }

  async #switchOffloadsOff(interfaceName: string): Promise<void> {
    const {log} = this.#world;
    try {
      const off = await disableOffloads(interfaceName);
      if (off.length > 0) {
        log.notice('offloads switched off', {interface: interfaceName, offloads: off.join(',')});
      }
    } catch (error) {
      if (!(error instanceof WorldError)) {
        throw error;
      }

      log.warn('offloads are on: bursts will be lost, and joined frames cannot be sent', {
        interface: interfaceName,
        reason: error.message,
        type: disableCommand(interfaceName),
      });
    }
  }

  #takeLink(name: string, up: boolean): void {
    for (const port of [this.#a, this.#b].filter(({interface: {name: own}}) => own === name)) {
      if (up) {
        void port.open();
      } else {
        port.close();
      }
    }
  }

  #tellServer(number: ServerNumber, mac: MacAddress): void {
    if (this.#bus?.engine === 'xdp') {
      this.#bus.post({kind: 'mac', number, mac});
    } else {
      this.#dataPath.images.tellServer({number, mac, dead: false});
    }
  }

  #tellTwin(server: IpAddress, mac: MacAddress, other: MacAddress): void {
    this.#repeats.note(server, count => {
      const facts = {server, mac, other, ...fieldOfCount(count)};
      this.#world.log.warn('a server is at two MAC addresses: it keeps the one that answers', facts);
    });
  }

  /** A port has opened or closed. */
  #takeChange(): void {
    const {capture, interface: netB} = this.#b;
    if (capture === undefined) {
      this.#dataPath.closeNetB();
      this.#neighbours.closeNetB();
    } else {
      const send = (frame: Uint8Array, length: number): boolean => capture.send(frame, length);
      this.#dataPath.openNetB(netB.mac, send);
      this.#neighbours.openNetB(netB, send);
    }

    this.#tellPorts();
  }

  #tellPorts(): void {
    if (this.#hasTried) {
      this.#bus?.post({kind: 'ports', a: this.#a.state, b: this.#b.state});
    }
  }

  #tellWaiting(): void {
    const waiting = [this.#a.state, this.#b.state].filter(({isOpen}) => !isOpen);
    for (const {name} of waiting) {
      this.#world.log.warn('waiting for the link', {interface: name});
    }
  }

  #take(message: FromBus): void {
    if (message.kind === 'servers') {
      this.#neighbours.setServers(message.servers);
    } else if (message.kind === 'flipped') {
      this.#neighbours.tellAll();
    } else if (message.kind === 'failed') {
      this.#fail(errorOf(message));
    }
  }

  #countFaults(): Count[] {
    const [a, b] = [this.#a.faults, this.#b.faults];
    return [
      {name: 'ring-full-net-a', value: a.lost},
      {name: 'ring-full-net-b', value: b.lost},
      ...[...b.faults].map(([cause, value]) => ({name: cause, value})),
    ].filter(({value}) => value > 0);
  }
}

/** Net A when the engine is a program in the kernel: its frames do not come this way. */
const kernelTakesAll: Capture = {
  isOpen: true,
  send: () => false,
  reopen() {},
  close() {},
  faults: new Map(),
  countLost: () => 0,
};

/** Links are watched by the name they had at the start. */
function sameName(found: Interface, first: Interface): Interface {
  if (found.name !== first.name) {
    throw new WorldError(`its address has moved from ${first.name} to ${found.name}: restart frame-forwarder`, {
      code: 'INTERFACE_UNUSABLE',
      interfaceName: first.name,
    });
  }

  return found;
}
