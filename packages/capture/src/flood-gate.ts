import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';

/** What the kernel lets through: all that the capture asked for, only what is sent to one MAC address, or nothing. */
export type Opening = 'all' | 'direct' | 'none';

const narrower: Readonly<Record<Opening, Opening>> = {all: 'direct', direct: 'none', none: 'none'};

/**
 * How many frames one turn of the event loop may bring. npm cap hands over frames until its ring is empty: in a flood
 * the ring never is, and timers, sockets and the process's own word wait for ever. One frame too many narrows what
 * the kernel lets through, so that the ring empties; at the next turn's end everything is let in again, after a pause.
 * A flood of broadcasts thus leaves the answers to our own questions alone; a flood of those is shut out as well.
 */
export class FloodGate {
  readonly #mostPerTurn: number;
  #opening: Opening = 'all';
  #inTurn = 0;

  /** @param mostPerTurn frames, at least 1 */
  constructor(mostPerTurn: number) {
    this.#mostPerTurn = mostPerTurn;
  }

  get opening(): Opening {
    return this.#opening;
  }

  /**
   * A frame came.
   *
   * @param isDirect whether it is sent to the one MAC address
   * @returns `isWanted`: whether to look at it; `isNarrowed`: whether `opening` is another one now
   */
  take(isDirect: boolean): {isWanted: boolean; isNarrowed: boolean} {
    const passes = this.#opening === 'all' || (this.#opening === 'direct' && isDirect);
    if (passes && ++this.#inTurn > this.#mostPerTurn) {
      this.#opening = narrower[this.#opening];
      this.#inTurn = 0;
      return {isWanted: this.#opening === 'direct' && isDirect, isNarrowed: true};
    }

    return {isWanted: passes, isNarrowed: false};
  }

  /** The loop has turned. */
  endTurn(): void {
    this.#inTurn = 0;
  }

  /** The pause is over. */
  open(): void {
    this.#opening = 'all';
    this.#inTurn = 0;
  }
}

/** A flood that is back so soon after a pause has not been gone. */
const goneMs = 250;

/** How long the pauses in a flood are: twice as long each time, since what each lets in after it costs the same. */
export class FloodPauses {
  readonly #leastMs: number;
  readonly #mostMs: number;
  #lastMs: number;
  #overMs = Number.NEGATIVE_INFINITY;

  /** @param leastMs of the first of a flood */
  constructor({leastMs, mostMs}: {readonly leastMs: number; readonly mostMs: number}) {
    this.#leastMs = leastMs;
    this.#mostMs = mostMs;
    this.#lastMs = leastMs;
  }

  /** A pause begins. @returns how long it is */
  next(nowMs: number): number {
    const isSameFlood = nowMs - this.#overMs < goneMs;
    this.#lastMs = isSameFlood ? Math.min(2 * this.#lastMs, this.#mostMs) : this.#leastMs;
    this.#overMs = nowMs + this.#lastMs;
    return this.#lastMs;
  }
}

/** Programs of `struct sock_filter`, eight bytes each: code, jump if true, jump if false, value. @see bpf(4) */
const instruction = (code: number, ifTrue: number, ifFalse: number, value: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint8(2, ifTrue);
  view.setUint8(3, ifFalse);
  view.setUint32(4, value, true);
  return bytes;
};

const [loadWord, loadHalf, jumpIfEqual, giveBack] = [0x20, 0x28, 0x15, 0x06];

/** Nothing passes. */
export const passNothing: Uint8Array = instruction(giveBack, 0, 0, 0);

/** What is of an Ethernet type and sent to a MAC address passes. */
export function passDirect(mac: MacAddress, etherType: number): Uint8Array {
  const view = new DataView(Uint8Array.from(macToBytes(mac)).buffer);
  const program = [
    instruction(loadWord, 0, 0, 0),
    instruction(jumpIfEqual, 0, 5, view.getUint32(0)),
    instruction(loadHalf, 0, 0, 4),
    instruction(jumpIfEqual, 0, 3, view.getUint16(4)),
    instruction(loadHalf, 0, 0, 12),
    instruction(jumpIfEqual, 0, 1, etherType),
    instruction(giveBack, 0, 0, 65_535),
    passNothing,
  ];
  return Uint8Array.from(program.flatMap(bytes => [...bytes]));
}
