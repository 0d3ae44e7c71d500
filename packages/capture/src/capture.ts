import {createRequire} from 'node:module';
import {isMainThread} from 'node:worker_threads';
import {BugError, WorldError} from '@tacoplex/errors';
import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import type cap from 'cap';
import {FloodGate, FloodPauses, passDirect, passNothing} from './flood-gate.ts';
import {adoptPacketSocket, listPacketSockets, type PacketSocket} from './packet-socket.ts';

type Cap = InstanceType<typeof cap.Cap>;

export type CaptureOptions = {
  readonly interfaceName: string;
  /**
   * In pcap's language. What is sent through this capture it does not hear; what other sockets of this machine send it
   * does: leave that out by its MAC addresses. With the word `inbound` the first frame after each opening is lost
   * (libpcap tries that one on its own, without the kernel, and cannot tell).
   */
  readonly filter: string;
  /**
   * Memory for frames that wait. It holds that many bytes / 1,600 frames of an interface of MTU 1500 with its offloads
   * switched off, and 40 times fewer with them on.
   */
  readonly ringBytes: number;
  /**
   * Called for each frame, as many times as there are frames without a turn of the event loop in between. What it throws
   * is a bug and ends the process.
   *
   * @param frame one buffer, used again for the next frame; it may be changed and sent
   * @param length bytes of the frame
   */
  readonly onFrame: (frame: Buffer, length: number) => void;
  /** Missing: as many frames a turn of the event loop as come. */
  readonly bound?: TurnBound;
};

/** What a flood may cost. What it keeps out is counted in `faults` as `flood` for each frame that still came. */
export type TurnBound = {
  /** Frames in one turn of the event loop, at least 1. */
  readonly mostPerTurn: number;
  /** For how long the kernel lets less through after a turn that brought more: at first, and in a flood that goes on. */
  readonly pauses: {readonly leastMs: number; readonly mostMs: number};
  /** What is sent to this address, of this Ethernet type, passes longest. */
  readonly direct: {readonly mac: MacAddress; readonly etherType: number};
};

/** Frames of one interface, in both directions. */
export type Capture = {
  readonly isOpen: boolean;
  /** @returns false if it could not be sent: closed, link down, too long; the cause is counted in `faults` */
  send(frame: Uint8Array, length: number): boolean;
  /**
   * Begin anew on the interface that has the name now. After a link was down a capture hears nothing until then.
   *
   * @throws WorldError INTERFACE_UNUSABLE if the interface is missing or down; then it is closed, and may be tried again
   */
  reopen(): void;
  close(): void;
  /** What `send` could not do, by cause: words with hyphens, such as `send-network-is-down`. */
  readonly faults: ReadonlyMap<string, number>;
  /** Frames that found the ring full since the capture was made. */
  countLost(): number;
};

// Every Cap is kept for ever, a few hundred bytes each: one whose open failed crashes the process when it is collected,
// and a closed one leaves its handle in the event loop's list.
const kept = new Set<Cap>();

/**
 * Open npm cap so that none of its traps can spring: each opening uses an object of its own, a failed one is never
 * touched again, nothing is sent through a closed one, and children do not inherit its socket.
 *
 * Only for the main thread: the addon can be loaded once for each process, and delivers nothing in a worker. An addon
 * built without -DNDEBUG aborts the process when the link goes down; built with it, it goes deaf, and `reopen` heals it.
 *
 * @throws WorldError PERMISSION_MISSING without CAP_NET_RAW, INTERFACE_UNUSABLE if the interface is missing or down
 */
export function openCapture(options: CaptureOptions): Capture {
  const capture = new CapCapture(options);
  capture.reopen();
  return capture;
}

class CapCapture implements Capture {
  readonly faults = new Map<string, number>();
  readonly #options: CaptureOptions;
  readonly #frame = Buffer.allocUnsafeSlow(65_536); // Longer than pcap's snapshot length, so that no frame is cut here
  #cap: Cap | undefined;
  #socket: PacketSocket | undefined;
  #gate: Gate | undefined;
  #lost = 0;

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#cap !== undefined;
  }

  send(frame: Uint8Array, length: number): boolean {
    if (this.#cap === undefined) {
      this.#count('send-while-closed');
      return false;
    }

    try {
      this.#cap.send(frame, length);
      return true;
    } catch (error) {
      this.#count((error as Error).message);
      return false;
    }
  }

  reopen(): void {
    this.close();
    const before = listPacketSockets();
    const gate = this.#options.bound && new Gate(this.#options.bound, () => this.#count('flood'));
    this.#cap = openCap(this.#options, this.#frame, gate);
    this.#socket = adoptPacketSocket(before);
    this.#gate = gate;
    gate?.guard(this.#socket);
  }

  close(): void {
    if (this.#cap !== undefined) {
      this.countLost();
      this.#gate?.end();
      this.#gate = undefined;
      this.#cap.close();
      this.#cap = undefined;
      this.#socket = undefined;
    }
  }

  countLost(): number {
    this.#lost += this.#socket?.takeLost() ?? 0;
    return this.#lost;
  }

  #count(cause: string): void {
    const name = cause.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    this.faults.set(name, (this.faults.get(name) ?? 0) + 1);
  }
}

/** Sets in the kernel what a flood gate decides. */
class Gate {
  readonly #bound: TurnBound;
  readonly #flood: FloodGate;
  readonly #pauses: FloodPauses;
  readonly #mac: Uint8Array;
  readonly #onDropped: () => void;
  #socket: PacketSocket | undefined;
  #everything: Uint8Array | undefined;
  #turn: NodeJS.Immediate | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(bound: TurnBound, onDropped: () => void) {
    this.#bound = bound;
    this.#flood = new FloodGate(bound.mostPerTurn);
    this.#pauses = new FloodPauses(bound.pauses);
    this.#mac = Uint8Array.from(macToBytes(bound.direct.mac));
    this.#onDropped = onDropped;
  }

  /** From now on frames of this socket are bounded. */
  guard(socket: PacketSocket | undefined): void {
    this.#socket = socket;
    this.#everything = socket?.readFilter();
  }

  /** @returns whether to hand the frame on */
  take(frame: Uint8Array): boolean {
    if (this.#everything === undefined) {
      return true; // Nothing to set, so nothing that could be taken back
    }

    const {isWanted, isNarrowed} = this.#flood.take(this.#mac.every((byte, at) => frame[at] === byte));
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#flood.endTurn();
    });
    if (isNarrowed) {
      this.#narrow();
    }

    if (!isWanted) {
      this.#onDropped();
    }

    return isWanted;
  }

  end(): void {
    clearImmediate(this.#turn);
    clearTimeout(this.#pause);
  }

  #narrow(): void {
    const {mac, etherType} = this.#bound.direct;
    this.#socket?.setFilter(this.#flood.opening === 'direct' ? passDirect(mac, etherType) : passNothing);
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#flood.open();
      this.#socket?.setFilter(this.#everything as Uint8Array);
    }, this.#pauses.next(performance.now()));
  }
}

function openCap(
  {interfaceName, filter, ringBytes, onFrame}: CaptureOptions,
  frame: Buffer,
  gate: Gate | undefined,
): Cap {
  if (!isMainThread) {
    throw new BugError('captures are opened on the main thread');
  }

  const {Cap} = createRequire(import.meta.url)('cap') as typeof cap; // Not before it is needed: a worker may import us
  const opened = new Cap();
  kept.add(opened);
  try {
    const linkType = opened.open(interfaceName, filter, ringBytes, frame);
    if (linkType !== 'ETHERNET') {
      throw new Error(`link type ${linkType} is not Ethernet`);
    }
  } catch (cause) {
    throw explain(interfaceName, cause as Error);
  }

  opened.on('packet', length => {
    if (gate === undefined || gate.take(frame)) {
      onFrame(frame, length);
    }
  });
  return opened;
}

function explain(interfaceName: string, cause: Error): WorldError {
  return /permi|CAP_NET_RAW/i.test(cause.message)
    ? new WorldError(
        `capturing on ${interfaceName} needs CAP_NET_RAW: ${cause.message}`,
        {code: 'PERMISSION_MISSING', capability: 'CAP_NET_RAW'},
        {cause},
      )
    : new WorldError(
        `cannot capture on ${interfaceName}: ${cause.message}`,
        {code: 'INTERFACE_UNUSABLE', interfaceName},
        {cause},
      );
}
