import type {Program} from './bpf-object.ts';
import {check} from './faults.ts';
import {koffi} from './koffi.ts';
import {libbpf} from './libbpf.ts';

/** What a program returned. @see enum xdp_action of <linux/bpf.h> */
export const xdpActions = ['aborted', 'drop', 'pass', 'tx', 'redirect'] as const;
export type XdpAction = (typeof xdpActions)[number];

const fewestBytes = 14;
const liveFrames = 2; // BPF_F_TEST_XDP_LIVE_FRAMES
const mostBytes = 65_536;

/** Offsets in struct bpf_test_run_opts of <bpf/bpf.h>. */
const at = {
  size: 0,
  dataIn: 8,
  dataOut: 16,
  bytesIn: 24,
  bytesOut: 28,
  contextIn: 32,
  contextInBytes: 48,
  returned: 56,
  repeat: 60,
  duration: 64,
  flags: 68,
  batch: 76,
} as const;
const optionsBytes = 80;
const contextBytes = 24; // struct xdp_md

/**
 * Runs an XDP program on frames handed in, attached to nothing. Buffers are used again: each run overwrites what the one
 * before gave.
 */
export class TestRun {
  /** The frame as the last run left it; `outBytes` of it count. No Buffer: whose `slice` would not copy. */
  readonly out = new Uint8Array(mostBytes);
  outBytes = 0;
  readonly #program: Program;
  readonly #in = Buffer.alloc(mostBytes);
  readonly #context = Buffer.alloc(contextBytes);
  readonly #options = Buffer.alloc(optionsBytes);

  constructor(program: Program) {
    this.#program = program;
    this.#options.writeBigUInt64LE(BigInt(optionsBytes), at.size);
    this.#options.writeBigUInt64LE(koffi.address(this.#in), at.dataIn);
  }

  /**
   * @param length 14..3,520 or so: the kernel runs programs on no shorter and no longer frames
   * @throws WorldError KERNEL_REFUSED
   */
  run(frame: Uint8Array, length = frame.length): XdpAction {
    this.#load(frame, length, 1, 0);
    this.#options.writeBigUInt64LE(koffi.address(this.out), at.dataOut);
    this.#options.writeUInt32LE(mostBytes, at.bytesOut);
    this.#go();
    this.outBytes = this.#options.readUInt32LE(at.bytesOut);
    return xdpActions[this.#options.readUInt32LE(at.returned)] ?? 'aborted';
  }

  /** Run it on the same frame again and again. What it changes stays changed. @returns the mean duration of a run, ns */
  measure(frame: Uint8Array, repeat: number): number {
    this.#load(frame, frame.length, repeat, 0);
    this.#go();
    return this.#options.readUInt32LE(at.duration);
  }

  /**
   * Let frames loose: redirected ones are sent, as if `frame` had come in again and again on an interface. Pages are used
   * again, so a program that changes frames meets what it has changed.
   *
   * @param batch frames in one go, 1..256
   */
  sendLive(
    frame: Uint8Array,
    options: {readonly interfaceIndex: number; readonly repeat: number; readonly batch: number},
  ): void {
    this.#load(frame, frame.length, options.repeat, liveFrames);
    this.#context.writeUInt32LE(frame.length, 4);
    this.#context.writeUInt32LE(options.interfaceIndex, 12);
    this.#options.writeBigUInt64LE(koffi.address(this.#context), at.contextIn);
    this.#options.writeUInt32LE(contextBytes, at.contextInBytes);
    this.#options.writeUInt32LE(options.batch, at.batch);
    this.#go();
  }

  #load(frame: Uint8Array, length: number, repeat: number, flags: number): void {
    if (length < fewestBytes || length > mostBytes) {
      throw new RangeError(`length: ${fewestBytes}..${mostBytes}, not ${length}`);
    }

    this.#in.set(frame.subarray(0, length));
    this.#options.fill(0, at.dataOut);
    this.#options.writeUInt32LE(length, at.bytesIn);
    this.#options.writeInt32LE(repeat, at.repeat);
    this.#options.writeUInt32LE(flags, at.flags);
  }

  #go(): void {
    check(libbpf().bpf_prog_test_run_opts(this.#program.descriptor, this.#options), `run ${this.#program.name}`);
  }
}
