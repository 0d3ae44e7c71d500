import type {BpfMap, RingBuffer} from '@tacoplex/kernel';
import {
  createDecision,
  decide,
  decideFragment,
  type ForwardingImage,
  FragmentMemory,
  HeldFragments,
  heldLimits,
  rewrite,
  type ShellReason,
  shellReasonNumber,
} from '@tacoplex/leveling';
import {createCounterArrays, type Side} from './counters.ts';
import {fragmentEntry, held as layout, longestHeld, way} from './layout.ts';

/** What the program says, and what it remembers. */
export type RelaySource = {
  readonly ring: Pick<RingBuffer, 'drain' | 'isEmpty' | 'wait' | 'close'>;
  readonly fragments: Pick<BpfMap, 'read'>;
};

/** What relaying needs to know of the moment. */
export type RelayMoment = {
  /** CLOCK_BOOTTIME. */
  readonly nowNs: bigint;
  /** What the program forwards by, and its side. */
  readonly image: ForwardingImage;
  readonly side: Side;
  readonly isLeaseOver: boolean;
  /** Of net B's interface. */
  readonly sourceMac: Uint8Array;
  /** Undefined: net B is away. */
  readonly send: ((frame: Uint8Array) => boolean) | undefined;
};

/** A flood is relayed in portions, so that the thread stays answerable. */
const mostRecords = 4096;

/**
 * Holds the fragments that the program has handed over because they came before their first one, and sends them after
 * it. The program says when that is; a frame that was under way meanwhile finds it in the program's memory.
 */
export class FragmentRelay {
  /** What was relayed and what was not, as the engines count. */
  readonly counted = createCounterArrays();
  readonly #ring: RelaySource['ring'];
  readonly #fragments: RelaySource['fragments'];
  readonly #memory: FragmentMemory;
  readonly #held: HeldFragments;
  readonly #decision = createDecision();
  readonly #frame = new Uint8Array(longestHeld);
  readonly #entry = new Uint8Array(fragmentEntry.bytes);

  /** @param hashKeys 8 words that nobody outside can guess */
  constructor({ring, fragments}: RelaySource, hashKeys: Int32Array) {
    this.#ring = ring;
    this.#fragments = fragments;
    this.#memory = new FragmentMemory(hashKeys.subarray(0, 4));
    this.#held = new HeldFragments(hashKeys.subarray(4));
  }

  /** Whether the program has said something since, or something waits. Looking costs next to nothing. */
  get hasWork(): boolean {
    return !this.#ring.isEmpty || !this.#held.isEmpty;
  }

  /** Take what the program has said since, and let go of what has waited for too long. */
  relay(moment: RelayMoment): void {
    this.#ring.drain(record => this.#take(record, moment), mostRecords);
    this.#count('fragment-expired', this.#held.expire(toMs(moment.nowNs)));
  }

  /** Resolves when the program says something, or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<void> {
    await this.#ring.wait(timeoutMs);
  }

  close(): void {
    this.#ring.close();
  }

  #take(record: Uint8Array, moment: RelayMoment): void {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const nowMs = toMs(moment.nowNs);
    for (const index of this.#memory.key.keys()) {
      this.#memory.key[index] = view.getInt32(layout.key + 4 * index, true);
    }

    if (view.getUint8(layout.way + way.isKnown) !== 0) {
      this.#learn(view, layout.way, nowMs);
      const released = this.#held.release(this.#memory.key, nowMs, frame => this.#forward(frame, moment));
      this.#count('fragment-released', released);
      return;
    }

    const sinceMs = toMs(view.getBigUint64(layout.at_ns, true));
    const length = view.getUint32(layout.length, true);
    if (nowMs - sinceMs >= heldLimits.holdMs) {
      this.#count('fragment-expired');
    } else {
      this.#frame.set(record.subarray(layout.bytes, layout.bytes + length));
      this.#takeFrame(this.#frame.subarray(0, length), sinceMs, moment);
    }
  }

  #takeFrame(frame: Uint8Array, sinceMs: number, moment: RelayMoment): void {
    const {key} = this.#memory;
    const entry = new DataView(this.#entry.buffer);
    const isKnown =
      this.#fragments.read(new Uint8Array(key.buffer), this.#entry) &&
      entry.getUint8(fragmentEntry.way + way.isKnown) !== 0 &&
      moment.nowNs < entry.getBigUint64(fragmentEntry.until_ns, true);
    if (isKnown) {
      this.#learn(entry, fragmentEntry.way, toMs(moment.nowNs));
      this.#forward(frame, moment);
      this.#count('fragment-released');
    } else if (!this.#held.hold(key, frame, frame.length, sinceMs)) {
      this.#count('fragment-overflow');
    }
  }

  #learn(view: DataView, at: number, nowMs: number): void {
    this.#memory.learn(
      view.getInt32(at + way.ports, true),
      view.getUint8(at + way.protocol),
      view.getUint16(at + way.server, true),
      nowMs,
    );
  }

  /** The server may have died since, or the service gone: that is decided as for any other frame. */
  #forward(frame: Uint8Array, {nowNs, image, side, isLeaseOver, sourceMac, send}: RelayMoment): void {
    const decision = this.#decision;
    decide(image, frame, frame.length, decision);
    decideFragment(image, this.#memory, frame, toMs(nowNs), decision);
    if (decision.verdict !== 'forward') {
      this.counted.reasons[decision.reason]! += 1;
    } else if (isLeaseOver) {
      this.#count('fenced');
    } else if (send === undefined) {
      this.#count('net-b-down');
    } else {
      rewrite(frame, image, decision, sourceMac);
      if (send(frame)) {
        this.#countForwarded(side, decision.service, decision.server, frame.length);
      } else {
        this.#count('send-failed');
      }
    }
  }

  #countForwarded(side: Side, service: number, server: number, bytes: number): void {
    const {servers, services} = this.counted;
    servers[2 * server]! += 1;
    servers[2 * server + 1]! += bytes;
    services[side][2 * service]! += 1;
    services[side][2 * service + 1]! += bytes;
  }

  #count(reason: ShellReason, frames = 1): void {
    this.counted.reasons[shellReasonNumber(reason)]! += frames;
  }
}

function toMs(ns: bigint): number {
  return Number(ns) / 1e6;
}
