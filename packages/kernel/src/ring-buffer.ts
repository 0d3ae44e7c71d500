import type {BpfMap} from './bpf-map.ts';
import {waitReadable} from './machine.ts';
import {MappedMemory, pageBytes} from './mapped-memory.ts';

/** Upper bits of a record's length. @see BPF_RINGBUF_BUSY_BIT of <linux/bpf.h> */
const busy = 0x8000_0000;
const discarded = 0x4000_0000;
const headerBytes = 8;

/**
 * The reading end of a BPF ring buffer, as memory: looking whether there is something costs one load. Only one process
 * reads; what a predecessor has left is still there.
 *
 * @see Documentation/bpf/ringbuf.rst of the kernel
 */
export class RingBuffer {
  readonly #descriptor: number;
  readonly #name: string;
  readonly #entriesBytes: number;
  readonly #consumer: MappedMemory;
  readonly #producer: MappedMemory;
  readonly #consumed: BigUint64Array;
  readonly #produced: BigUint64Array;
  readonly #mask: bigint;
  #entries: Entries | undefined;

  /** @throws WorldError KERNEL_REFUSED */
  constructor(map: BpfMap) {
    const {descriptor, name, entries: bytes} = map;
    this.#descriptor = descriptor;
    this.#name = name;
    this.#entriesBytes = 2 * bytes;
    this.#consumer = new MappedMemory(descriptor, pageBytes, name);
    this.#producer = new MappedMemory(descriptor, pageBytes, name, {offset: pageBytes, isReadOnly: true});
    this.#consumed = new BigUint64Array(this.#consumer.buffer, 0, 1);
    this.#produced = new BigUint64Array(this.#producer.buffer, 0, 1);
    this.#mask = BigInt(bytes - 1);
  }

  /** Whether the kernel has put nothing in since `drain`. Costs two loads. */
  get isEmpty(): boolean {
    return (this.#consumed[0] ?? 0n) >= Atomics.load(this.#produced, 0);
  }

  /**
   * Take what is there, oldest first. The kernel writes into its place afterwards.
   *
   * @param take gets memory of the kernel: it must neither keep nor change it
   * @param most records at a time
   * @returns records taken
   */
  drain(take: (record: Uint8Array) => void, most = Number.POSITIVE_INFINITY): number {
    if (this.isEmpty) {
      return 0;
    }

    const {bytes: ring, words} = this.#open();
    let at = this.#consumed[0] ?? 0n;
    let taken = 0;
    while (taken < most && at < Atomics.load(this.#produced, 0)) {
      const start = Number(at & this.#mask);
      const length = Atomics.load(words, start / 4);
      if ((length & busy) !== 0) {
        break;
      }

      const bytes = length & ~discarded;
      if ((length & discarded) === 0) {
        taken++;
        take(ring.subarray(start + headerBytes, start + headerBytes + bytes));
      }

      at += BigInt(headerBytes + Math.ceil(bytes / 8) * 8);
      Atomics.store(this.#consumed, 0, at);
    }

    return taken;
  }

  /** Resolves when the kernel has put something in, or after `timeoutMs`. Programs must not put it in with BPF_RB_NO_WAKEUP. */
  async wait(timeoutMs: number): Promise<void> {
    if (this.isEmpty) {
      await waitReadable(this.#descriptor, timeoutMs);
    }
  }

  close(): void {
    this.#consumer.close();
    this.#producer.close();
    this.#entries?.memory.close();
  }

  /** Mapped when the first record has come: a ring that stays empty costs this process nothing. */
  #open(): Entries {
    if (this.#entries === undefined) {
      const memory = new MappedMemory(this.#descriptor, this.#entriesBytes, this.#name, {
        offset: 2 * pageBytes,
        isReadOnly: true,
      });
      const {buffer} = memory;
      this.#entries = {memory, bytes: new Uint8Array(buffer), words: new Uint32Array(buffer)};
    }

    return this.#entries;
  }
}

/** All of the ring twice, one behind the other, so that every record stands in one piece. */
type Entries = {readonly memory: MappedMemory; readonly bytes: Uint8Array; readonly words: Uint32Array};
