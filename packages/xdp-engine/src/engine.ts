import {getRandomValues} from 'node:crypto';
import {BugError} from '@tacoplex/errors';
import {
  type BpfObject,
  bootTimeNs,
  type MappedMemory,
  PacketSender,
  queryXdp,
  RingBuffer,
  type Target,
  usualBpffs,
  waitForPrograms,
  type XdpLink,
  type XdpMode,
} from '@tacoplex/kernel';
import type {ImageContent} from '@tacoplex/leveling';
import {type MacAddress, type MonotonicMs, macToBytes, type ServerNumber} from '@tacoplex/vocabulary';
import {bringUp} from './bring-up.ts';
import {XdpControl} from './control.ts';
import {type CounterArrays, type Side, XdpCounters} from './counters.ts';
import {FragmentRelay} from './fragment-relay.ts';
import {serviceCount} from './layout.ts';
import {partsOf} from './parts.ts';
import {hasOldMaps, type Pins, pinnedMaps, removePins} from './pins.ts';
import {XdpSides} from './sides.ts';
import {Succession, type SuccessionStep} from './succession.ts';

const noMac = new Uint8Array(6);

/** An interface as the engine uses it. */
export type XdpNet = Target & {readonly mac: MacAddress};

export type XdpParts = {
  /** Where the program is attached. */
  readonly netA: Target;
  /** Where frames leave; may be the same interface. */
  readonly netB: XdpNet;
  /** Where the BPF file system is. */
  readonly bpffs?: string;
  /** Have the verifier's statistics in `log`, for tests. */
  readonly wantsLog?: boolean;
  /** Told of each step that is done, for tests. */
  readonly onStep?: (step: SuccessionStep) => void;
};

/**
 * The xdp engine: the program in the kernel, attached and pinned, and what it follows. It goes on without this process,
 * and the next one finds it as it was left: tables, lease, counters.
 */
export class XdpEngine {
  /** How the program is attached, and why not native. */
  readonly mode: XdpMode;
  readonly reason: string;
  /** Whether it was running already. */
  readonly wasAdopted: boolean;
  /** The verifier's statistics, if they were asked for. */
  readonly log: string;
  readonly #object: BpfObject;
  readonly #memories: readonly MappedMemory[];
  readonly #pins: Pins;
  readonly #netA: Target;
  readonly #link: XdpLink;
  readonly #control: XdpControl;
  readonly #sides: XdpSides;
  readonly #counters: XdpCounters;
  readonly #relay: FragmentRelay;
  readonly #sender = new PacketSender();
  #netB: XdpNet | undefined;
  #servers: readonly ServerNumber[] = [];
  #serviceCounts: [number, number] = [serviceCount, serviceCount];
  #isSpareBusy = false;
  readonly #succession: Succession;
  /** Whether the side in force was written by a predecessor: what it has learnt of servers is there. */
  #isInherited: boolean;
  /** Whether our maps hold an image. */
  #isInstalled = false;
  /** Whether we have installed one ourselves: only then is it known what those of a predecessor meant. */
  #hasReference = false;

  /**
   * Load, and attach or take over.
   *
   * @throws WorldError PERMISSION_MISSING, KERNEL_REFUSED, or INTERFACE_UNUSABLE if somebody else's program is attached
   */
  constructor(parts: XdpParts) {
    const {netA, bpffs = usualBpffs, wantsLog = false, onStep = () => {}} = parts;
    const {object, pins, attached, adopted, hadMaps} = bringUp(netA, bpffs, wantsLog);
    onStep('loaded');
    const program = object.program('forward');
    this.#object = object;
    this.#pins = pins;
    this.#netA = netA;
    this.#link = attached.link;
    this.reason = attached.reason;
    this.wasAdopted = adopted;
    this.log = program.log;
    const [control, counters] = [object.map('control').map(), object.map('counters').map()];
    this.#memories = [control, counters];
    this.#control = new XdpControl(control.buffer, bootTimeNs);
    this.#sides = new XdpSides(partsOf(object, 'images'), partsOf(object, 'bins'), !hadMaps);
    this.#counters = new XdpCounters(counters.buffer);
    const said = {ring: new RingBuffer(object.map('held')), fragments: object.map('fragments')};
    this.#relay = new FragmentRelay(said, getRandomValues(new Int32Array(8)));
    this.setWayOut(parts.netB);
    this.#isInherited = hadMaps;
    this.#isInstalled = adopted && !hasOldMaps(pins);
    this.#succession = new Succession({link: attached.link, program, pins, adopted, onStep});
    this.#succession.proceed(this.#isInstalled);
    this.mode = queryXdp(netA).mode ?? 'native';
  }

  /** The side in force, of the counters of services too. */
  get side(): Side {
    return this.#control.side;
  }

  /** Whether frames may still be under way that are decided by the side not in force: some 10 ms after each `install`. */
  get isSpareBusy(): boolean {
    return this.#isSpareBusy;
  }

  /** Whether a predecessor's program still forwards, by tables of its own, until the first one is installed. */
  get isTakingOver(): boolean {
    return !this.#isInstalled && !this.#succession.isOver;
  }

  /** What a predecessor has learnt of a server; undefined: nothing, or there was none, or something was installed since. */
  inheritedMacOf(number: ServerNumber): MacAddress | undefined {
    return this.#isInherited ? this.#sides.macOf(this.side, number) : undefined;
  }

  /** Kernel memory of all maps, bytes. */
  get memoryBytes(): number {
    return pinnedMaps.reduce((sum, name) => sum + this.#object.map(name).memoryBytes, 0);
  }

  /**
   * Write the spare side and put it in force; the next frame follows it. Services are counted anew from there on: read the
   * counters before.
   *
   * @throws RangeError if the content breaks a limit; then nothing has changed
   */
  install(content: ImageContent): void {
    if (this.#isSpareBusy) {
      throw new BugError('nothing is installed while the spare side is busy');
    }

    this.relayFragments(); // By the content they came under
    const spare = (1 - this.side) as Side;
    this.#sides.write(spare, content);
    this.#counters.clearServices(spare);
    this.#relay.counted.services[spare].fill(0);
    this.#serviceCounts[spare] = content.services.length;
    this.#servers = content.servers.map(({number}) => number);
    this.#control.side = spare;
    this.#isSpareBusy = true;
    void waitForPrograms().then(() => {
      this.#isSpareBusy = false;
    });
    this.#isInherited = false;
    this.#isInstalled = true;
    this.#hasReference = true;
    this.#succession.proceed(this.#control.hasLease);
  }

  setMac(number: ServerNumber, mac: MacAddress): void {
    this.#sides.writeServer(number, {mac: macToBytes(mac)});
  }

  setDead(number: ServerNumber, isDead: boolean): void {
    this.#sides.writeServer(number, {isDead});
  }

  /** Take the elector's word whether this leveler may forward, in the terms of the cap engine's lease. */
  renewLease(mayForward: boolean, saidAt: MonotonicMs, leaseMs: number, now: MonotonicMs): void {
    for (const lease of [this.#control, ...this.#succession.leases]) {
      lease.renew(mayForward, saidAt, leaseMs, now);
    }

    this.#succession.proceed(this.#isInstalled);
  }

  /** Forward without a lease: there is nobody else who could. */
  forwardForEver(): void {
    for (const lease of [this.#control, ...this.#succession.leases]) {
      lease.forwardForEver();
    }

    this.#succession.proceed(this.#isInstalled);
  }

  isLeaseOver(): boolean {
    return this.#control.isOver();
  }

  /** Net B is there: frames leave by it. Undefined: it is away. */
  setWayOut(netB: XdpNet | undefined): void {
    this.#netB = netB;
    const waysOut = this.#object.map('ways_out');
    if (netB === undefined) {
      waysOut.delete(0);
    } else {
      this.#control.setWayOut(macToBytes(netB.mac), netB.index === this.#netA.index);
      waysOut.set(0, new Uint8Array(Uint32Array.of(netB.index).buffer));
    }
  }

  /** Bring `into` up to date; tallies of servers and services go on from there. */
  readCounters(into: CounterArrays): void {
    this.#counters.readInto(into, this.#relay.counted, this.#servers, this.#serviceCounts);
  }

  /**
   * Send on the fragments that came before the first one of their datagram, if that has come; let go of those that have
   * waited for a second.
   *
   * @returns whether something waits, so that this is to be called again soon
   */
  relayFragments(): boolean {
    if (!this.#relay.hasWork || !this.#hasReference) {
      return this.#relay.hasWork;
    }

    const netB = this.#netB;
    this.#relay.relay({
      nowNs: bootTimeNs(),
      image: this.#sides.reference,
      side: this.side,
      isLeaseOver: this.isLeaseOver(),
      sourceMac: netB === undefined ? noMac : macToBytes(netB.mac),
      send: netB === undefined ? undefined : frame => this.#sender.send(netB.index, frame),
    });
    return true;
  }

  /** Resolves when the program hands a fragment over, or after `timeoutMs`. */
  async waitForFragment(timeoutMs: number): Promise<void> {
    await this.#relay.wait(timeoutMs);
  }

  /** Leave the program to itself: attached, pinned, forwarding as long as its lease lasts. */
  close(): void {
    this.#succession.close();
    this.#link.close();
    this.#hasReference = false; // Nothing is relayed any more
    this.#relay.close();
    this.#sender.close();
    this.#sides.close();
    for (const memory of this.#memories) {
      memory.close();
    }

    this.#object.close();
  }

  /** Take the program off the interface, and all that was pinned. */
  uninstall(): void {
    if (this.#link.interfaceIndex !== 0) {
      this.#link.detach();
    }

    removePins(this.#pins);
    this.close();
  }
}
