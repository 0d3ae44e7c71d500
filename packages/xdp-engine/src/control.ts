import type {MonotonicMs} from '@tacoplex/vocabulary';
import type {Side} from './counters.ts';
import {control as layout} from './layout.ts';

const forEver = 0xffff_ffff_ffff_ffffn;

/** Until when a program may forward: the first word of its map `control`, in every layout there ever was or will be. */
export class XdpLease {
  readonly #word: BigUint64Array;
  readonly #bootTimeNs: () => bigint;

  /** @param bootTimeNs CLOCK_BOOTTIME */
  constructor(control: ArrayBuffer, bootTimeNs: () => bigint) {
    this.#word = new BigUint64Array(control, layout.forward_until_ns, 1);
    this.#bootTimeNs = bootTimeNs;
  }

  /** Whether any lease was ever given since the map was made. */
  get hasLease(): boolean {
    return this.#until !== 0n;
  }

  /** Take the elector's word, as the cap engine's `LeaseWriter` does. What it says of a time yet to come counts as said now. */
  renew(mayForward: boolean, saidAt: MonotonicMs, leaseMs: number, now: MonotonicMs): void {
    const leftMs = Math.min(saidAt, now) + leaseMs - now;
    const until = this.#bootTimeNs() + BigInt(Math.round(leftMs * 1e6));
    this.#until = mayForward && until > 0n ? until : 0n;
  }

  /** Forward without a lease: there is nobody else who could. */
  forwardForEver(): void {
    this.#until = forEver;
  }

  isOver(): boolean {
    return this.#until !== forEver && this.#bootTimeNs() >= this.#until;
  }

  get #until(): bigint {
    return Atomics.load(this.#word, 0);
  }

  set #until(ns: bigint) {
    Atomics.store(this.#word, 0, ns);
  }
}

/** The words every frame meets: which side counts, the lease, the way out. One store each. */
export class XdpControl extends XdpLease {
  readonly #words32: Uint32Array;
  readonly #words64: BigUint64Array;

  /** @param buffer of the map `control` @param bootTimeNs CLOCK_BOOTTIME */
  constructor(buffer: ArrayBuffer, bootTimeNs: () => bigint) {
    super(buffer, bootTimeNs);
    this.#words32 = new Uint32Array(buffer, 0, layout.bytes / 4);
    this.#words64 = new BigUint64Array(buffer, 0, layout.bytes / 8);
  }

  get side(): Side {
    return Atomics.load(this.#words32, layout.side / 4) === 1 ? 1 : 0;
  }

  set side(side: Side) {
    Atomics.store(this.#words32, layout.side / 4, side);
  }

  /** Frames leave from `mac`. @param isOneArm by the interface they came in on */
  setWayOut(mac: Uint8Array, isOneArm: boolean): void {
    const word = new Uint8Array(8);
    word.set(mac);
    Atomics.store(this.#words64, layout.source_mac / 8, new BigUint64Array(word.buffer)[0] ?? 0n);
    Atomics.store(this.#words32, layout.is_one_arm / 4, isOneArm ? 1 : 0);
  }
}
