import {FragmentTable} from './fragment-table.ts';

/** Frames held at a time, their bytes in all, and for how long. */
export const heldLimits = {frames: 65_536, bytes: 16 * 1_048_576, holdMs: 1000} as const;

export type HeldLimits = {readonly frames: number; readonly bytes: number; readonly holdMs: number};

/**
 * Copies of fragments that wait for the first one of their datagram, in the order they came. Bytes and records are rings
 * of fixed size, 16 MiB and 5.2 MiB: who floods us with fragments finds a full queue, and no memory is taken for a frame.
 * What was sent on keeps its place until all that is older is gone, at most as long as a frame is held.
 */
export class HeldFragments {
  readonly #limits: HeldLimits;
  readonly #bytes: Uint8Array;
  readonly #table: FragmentTable;
  /** Of each datagram: its first and last record. */
  readonly #firsts: Int32Array;
  readonly #lasts: Int32Array;
  /** Of each record. */
  readonly #starts: Int32Array;
  readonly #lengths: Uint16Array;
  readonly #sinceMs: Float64Array;
  readonly #next: Int32Array; // Record of the same datagram, -1: none
  readonly #slots: Int32Array; // Of the datagram
  readonly #isSent: Uint8Array;
  #oldest = 0;
  #records = 0;
  #waiting = 0;
  #end = 0;

  /**
   * @param hashKey 4 words that nobody outside can guess
   * @param limits frames: a power of 2
   */
  constructor(hashKey: Int32Array, limits: HeldLimits = heldLimits) {
    const {frames, bytes} = limits;
    this.#limits = limits;
    this.#bytes = new Uint8Array(bytes);
    this.#table = new FragmentTable(frames, hashKey);
    this.#firsts = new Int32Array(frames);
    this.#lasts = new Int32Array(frames);
    this.#starts = new Int32Array(frames);
    this.#lengths = new Uint16Array(frames);
    this.#sinceMs = new Float64Array(frames);
    this.#next = new Int32Array(frames);
    this.#slots = new Int32Array(frames);
    this.#isSent = new Uint8Array(frames);
  }

  /** Frames that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Keep a copy of a frame.
   *
   * @param key of its datagram
   * @param length at most 65,535
   * @param nowMs never goes back
   * @returns false if there is no room
   */
  hold(key: Int32Array, frame: Uint8Array, length: number, nowMs: number): boolean {
    const start = this.#records === this.#limits.frames ? -1 : this.#findRoom(length);
    if (start === -1) {
      return false;
    }

    const record = (this.#oldest + this.#records) % this.#limits.frames;
    for (let index = 0; index < length; index++) {
      this.#bytes[start + index] = frame[index]!;
    }

    this.#end = start + length;
    this.#records++;
    this.#waiting++;
    this.#starts[record] = start;
    this.#lengths[record] = length;
    this.#sinceMs[record] = nowMs;
    this.#isSent[record] = 0;
    this.#append(key, record);
    return true;
  }

  /**
   * The first fragment of a datagram is there: send what waits for it, in the order it came.
   *
   * @param send must not keep the frame, and may change it
   * @returns frames sent
   */
  release(key: Int32Array, nowMs: number, send: (frame: Uint8Array, length: number) => void): number {
    const slot = this.#waiting === 0 ? -1 : this.#table.find(key);
    if (slot === -1) {
      return 0;
    }

    let sent = 0;
    for (let record = this.#firsts[slot]!; record !== -1; record = this.#next[record]!) {
      if (!this.#isTooOld(record, nowMs)) {
        const start = this.#starts[record]!;
        const length = this.#lengths[record]!;
        this.#isSent[record] = 1;
        this.#waiting--;
        sent++;
        send(this.#bytes.subarray(start, start + length), length);
      }
    }

    this.#table.remove(slot);
    return sent;
  }

  /** Whether no frame waits, and none that was sent is still to be let go. */
  get isEmpty(): boolean {
    return this.#records === 0;
  }

  /** Let go what has waited for too long. @returns frames that were never sent */
  expire(nowMs: number): number {
    let expired = 0;
    while (this.#records > 0) {
      const record = this.#oldest;
      if (this.#isSent[record] === 0) {
        if (!this.#isTooOld(record, nowMs)) {
          break;
        }

        expired++;
        this.#waiting--;
        this.#forget(record);
      }

      this.#oldest = (record + 1) % this.#limits.frames;
      this.#records--;
    }

    return expired;
  }

  #isTooOld(record: number, nowMs: number): boolean {
    return nowMs - this.#sinceMs[record]! >= this.#limits.holdMs;
  }

  /** A frame stands in one piece, behind the newest or, if there is no room there, at the begin. @returns -1: nowhere */
  #findRoom(length: number): number {
    const {bytes} = this.#limits;
    if (this.#records === 0) {
      return length <= bytes ? 0 : -1;
    }

    const begin = this.#starts[this.#oldest]!;
    if (this.#end > begin) {
      const isRoomBehind = this.#end + length <= bytes;
      return isRoomBehind ? this.#end : roomFor(0, length, begin);
    }

    return roomFor(this.#end, length, begin);
  }

  #append(key: Int32Array, record: number): void {
    this.#next[record] = -1;
    let slot = this.#table.find(key);
    if (slot === -1) {
      slot = this.#table.put(key);
      this.#firsts[slot] = record;
    } else {
      this.#next[this.#lasts[slot]!] = record;
    }

    this.#lasts[slot] = record;
    this.#slots[record] = slot;
  }

  /** The oldest of all: of its datagram too, unless that had to give way to another. */
  #forget(record: number): void {
    const slot = this.#slots[record]!;
    if (this.#firsts[slot] !== record) {
      return;
    }

    if (this.#next[record] === -1) {
      this.#table.remove(slot);
    } else {
      this.#firsts[slot] = this.#next[record]!;
    }
  }
}

function roomFor(start: number, length: number, end: number): number {
  return start + length <= end ? start : -1;
}
