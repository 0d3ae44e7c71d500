import {
  type BpfMap,
  BpfObject,
  bootTimeNs,
  countPossibleCpus,
  type MappedMemory,
  type Program,
  RingBuffer,
  TestRun,
  type XdpAction,
} from '@tacoplex/kernel';
import type {ImageContent, ServerEntry} from '@tacoplex/leveling';
import {macToBytes} from '@tacoplex/vocabulary';
import {XdpControl} from './control.ts';
import {type CounterArrays, createCounterArrays, type Side, XdpCounters} from './counters.ts';
import {decision as layout} from './layout.ts';
import {forwarderFile} from './object-files.ts';
import {partsOf} from './parts.ts';
import {XdpSides} from './sides.ts';

const loopback = 1;

/** What the program decides about a frame; fields as in `Decision` of leveling. */
export type Explained = {
  readonly reason: number;
  readonly service: number;
  readonly group: number;
  readonly bin: number;
  readonly hash: bigint;
  readonly server: number;
};

export type ReplicaOptions = {
  /** MAC address of net B's interface: frames leave from it. */
  readonly sourceMac: Uint8Array;
  /** Whether frames leave by the interface they came in on. */
  readonly isOneArm: boolean;
  /** Have the verifier's statistics in `logs`. */
  readonly wantsLogs?: boolean;
};

/**
 * The program as it is attached elsewhere, here attached to nothing and on a content of its own: for explaining frames,
 * comparing with the reference, and measuring.
 */
export class XdpReplica {
  /** The lease, and the way out. */
  readonly control: XdpControl;
  /** Of the verifier, by program. */
  readonly logs: Readonly<Record<string, string>>;
  readonly #object: BpfObject;
  readonly #memories: readonly MappedMemory[];
  readonly #sides: XdpSides;
  readonly #counters: XdpCounters;
  readonly #explained: DataView;
  readonly #held: RingBuffer;
  readonly #forward: TestRun;
  readonly #explain: TestRun;

  /** @throws WorldError PERMISSION_MISSING or KERNEL_REFUSED */
  constructor({sourceMac, isOneArm, wantsLogs = false}: ReplicaOptions) {
    const programs = ['forward', 'explain'];
    this.#object = new BpfObject(forwarderFile, {
      programs,
      entries: {counters: countPossibleCpus()},
      wantsLog: wantsLogs,
    });
    this.logs = Object.fromEntries(programs.map(name => [name, this.#object.program(name).log]));
    const map = (name: string): MappedMemory => this.#object.map(name).map();
    const [control, counters, explained] = [map('control'), map('counters'), map('explained')];
    this.#memories = [control, counters, explained];
    this.control = new XdpControl(control.buffer, bootTimeNs);
    this.#sides = new XdpSides(partsOf(this.#object, 'images'), partsOf(this.#object, 'bins'), true);
    this.#counters = new XdpCounters(counters.buffer);
    this.#explained = new DataView(explained.buffer);
    this.#held = new RingBuffer(this.#object.map('held'));
    this.#forward = new TestRun(this.#object.program('forward'));
    this.#explain = new TestRun(this.#object.program('explain'));
    this.control.setWayOut(sourceMac, isOneArm);
    this.setNetB(loopback);
  }

  get side(): Side {
    return this.control.side;
  }

  /** What `run` runs, for measuring it. */
  get program(): Program {
    return this.#object.program('forward');
  }

  /** Write the spare side and put it in force. Frames are only ever decided by `run` and `explain`: none is under way. */
  install(content: ImageContent): void {
    const spare = (1 - this.side) as Side;
    this.#sides.write(spare, content);
    this.#counters.clearServices(spare);
    this.control.side = spare;
  }

  /** Change what is known of a server. */
  setServer({number, mac, dead}: ServerEntry): void {
    this.#sides.writeServer(number, {mac: mac === undefined ? new Uint8Array(6) : macToBytes(mac), isDead: dead});
  }

  /** The interface that frames are redirected to; undefined: it is away. */
  setNetB(interfaceIndex: number | undefined): void {
    const waysOut = this.#object.map('ways_out');
    if (interfaceIndex === undefined) {
      waysOut.delete(0);
    } else {
      waysOut.set(0, new Uint8Array(Uint32Array.of(interfaceIndex).buffer));
    }
  }

  /**
   * Run the program on a frame, as if it had come in. It is counted.
   *
   * @param length 14..3,520 or so
   * @returns what became of it, and the frame as it is then: a view that the next run overwrites
   */
  run(frame: Uint8Array, length = frame.length): {readonly action: XdpAction; readonly frame: Uint8Array} {
    const action = this.#forward.run(frame, length);
    return {action, frame: this.#forward.out.subarray(0, this.#forward.outBytes)};
  }

  /** Say what the program decides about a frame. It is not counted. @param length as in `run` */
  explain(frame: Uint8Array, length = frame.length): Explained {
    this.#explain.run(frame, length);
    const view = this.#explained;
    return {
      reason: view.getUint32(layout.reason, true),
      service: view.getInt32(layout.service, true),
      group: view.getInt32(layout.group, true),
      bin: view.getInt32(layout.bin, true),
      hash: view.getBigUint64(layout.hash, true),
      server: view.getUint32(layout.server, true),
    };
  }

  /** Bring `into` up to date. @param servers numbers of those that are looked at */
  readCounters(into: CounterArrays, servers: readonly number[], serviceCount: number): void {
    this.#counters.readInto(into, createCounterArrays(), servers, [serviceCount, serviceCount]);
  }

  /** What `run` remembers of fragments. Keys are those that `writeFragmentKey` writes. */
  get fragments(): BpfMap {
    return this.#object.map('fragments');
  }

  /** Take what `run` has said to the process since: records as in `layout.held`, frames behind them. */
  takeHeld(): Uint8Array[] {
    const records: Uint8Array[] = [];
    this.#held.drain(record => records.push(record.slice()));
    return records;
  }

  close(): void {
    this.#held.close();
    this.#sides.close();
    for (const memory of this.#memories) {
      memory.close();
    }

    this.#object.close();
  }
}
