import {getRandomValues} from 'node:crypto';
import type {Capture} from '@tacoplex/capture';
import {
  createDecision,
  decide,
  decideFragment,
  type ForwardingImage,
  FragmentMemory,
  HeldFragments,
  isFragment,
  isTrial,
  rewrite,
} from '@tacoplex/leveling';
import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {Counters} from './counters.ts';
import {ImageReader} from './image-pair.ts';
import {LeaseReader} from './lease.ts';
import type {SharedMemory} from './shared-memory.ts';

/** Sends on net B. @returns false if it could not */
export type Send = Capture['send'];

/**
 * The frame loop: decide, rewrite, send, count. Nothing here allocates, logs or waits; fragments that have to wait are
 * kept in memory set aside for them, 26 MiB at most with what is remembered of others.
 */
export class DataPath {
  readonly images: ImageReader;
  readonly #lease: LeaseReader;
  readonly #counters: Counters;
  readonly #decision = createDecision();
  readonly #memory = new FragmentMemory(randomKey());
  readonly #held = new HeldFragments(randomKey());
  #ourMac: Uint8Array = new Uint8Array(6);
  #send: Send | undefined;

  constructor(memory: SharedMemory) {
    this.images = new ImageReader(memory.images);
    this.#lease = new LeaseReader(memory.lease);
    this.#counters = new Counters(memory.counters);
  }

  /** Net B is there: frames leave through `send`, from `mac`. */
  openNetB(mac: MacAddress, send: Send): void {
    this.#ourMac = macToBytes(mac);
    this.#send = send;
  }

  closeNetB(): void {
    this.#send = undefined;
  }

  /** @param frame is changed if it is forwarded */
  readonly takeFrame = (frame: Uint8Array, length: number): void => {
    const image = this.images.enter();
    decide(image, frame, length, this.#decision);
    if (isFragment(this.#decision.packet)) {
      this.#takeFragment(image, frame, length);
    } else {
      this.#carryOut(image, frame, length);
    }

    this.images.leave();
  };

  /** Let go of fragments that have waited for too long. */
  expireFragments(): void {
    this.#expire(performance.now());
  }

  #takeFragment(image: ForwardingImage, frame: Uint8Array, length: number): void {
    const now = performance.now();
    const isRemembered = decideFragment(image, this.#memory, frame, now, this.#decision);
    this.#carryOut(image, frame, length);
    if (this.#decision.verdict === 'hold') {
      this.#hold(frame, length, now);
    } else if (isRemembered) {
      this.#release(image, now);
    }
  }

  #hold(frame: Uint8Array, length: number, now: number): void {
    this.#expire(now);
    if (!this.#held.hold(this.#memory.key, frame, length, now)) {
      this.#counters.countShellReason('fragment-overflow');
    }
  }

  /** What waits has the way of the frame that was decided last. */
  #release(image: ForwardingImage, now: number): void {
    const released = this.#held.release(this.#memory.key, now, (frame, length) => this.#carryOut(image, frame, length));
    this.#counters.countShellReason('fragment-released', released);
  }

  #expire(now: number): void {
    this.#counters.countShellReason('fragment-expired', this.#held.expire(now));
  }

  #carryOut(image: ForwardingImage, frame: Uint8Array, length: number): void {
    const decision = this.#decision;
    const send = this.#send;
    if (decision.verdict !== 'forward') {
      this.#counters.countReason(decision.reason);
    } else if (this.#lease.isOver()) {
      this.#counters.countShellReason('fenced');
    } else if (send === undefined) {
      this.#counters.countShellReason('net-b-down');
    } else {
      rewrite(frame, image, decision, this.#ourMac);
      if (!send(frame, length)) {
        this.#counters.countShellReason('send-failed');
      } else if (!isTrial(frame, length)) {
        const {reason, service, server} = decision;
        this.#counters.countForwarded(reason, this.images.side, service, server, length);
      }
    }
  }
}

/** Nobody outside can aim at the chains of a table. */
function randomKey(): Int32Array {
  return getRandomValues(new Int32Array(4));
}
