import type {LevelerId} from '@tacoplex/vocabulary';
import type {Piece} from './election.ts';

type Chunk = Extract<Piece, {kind: 'chunk'}>;
type Missing = Extract<Piece, {kind: 'missing'}>;

/** A message that is sent in pieces. */
export type Transfer = {
  /** 16 hexadecimal digits: equal bytes have equal names. */
  readonly name: string;
  readonly bytes: Uint8Array;
};

const mostChunks = 4096;

/** Pieces that are sent unasked; the reader asks for the others, so that he sets the pace. */
export const firstWindow = 32;

/** Pieces that are asked for at a time. */
const window = 64;

const mostTransfers = 8;
const mostPerSender = 2;
const mostBytes = 16_777_216;
const askAfterMs = 20;
const giveUpMs = 2000;
const keepMs = 5000;

/** @throws RangeError if it would take more than 4096 pieces */
export function cut({name, bytes}: Transfer, pieceBytes: number): Chunk[] {
  const count = Math.max(1, Math.ceil(bytes.length / pieceBytes));
  if (count > mostChunks) {
    throw new RangeError(`a transfer has at most ${mostChunks} pieces, not ${count}`);
  }

  return Array.from({length: count}, (_, number) => ({
    kind: 'chunk',
    transfer: name,
    number,
    count,
    bytes: bytes.subarray(number * pieceBytes, (number + 1) * pieceBytes),
  }));
}

/** What was sent in pieces lately, for those who miss some. Bounded: the oldest goes first. */
export class Outbox {
  readonly #transfers = new Map<string, {readonly chunks: readonly Chunk[]; untilMs: number}>();

  /** @returns the pieces to send at once */
  put(transfer: Transfer, pieceBytes: number, nowMs: number): readonly Chunk[] {
    const chunks = this.#transfers.get(transfer.name)?.chunks ?? cut(transfer, pieceBytes);
    this.#transfers.delete(transfer.name);
    this.#transfers.set(transfer.name, {chunks, untilMs: nowMs + keepMs});
    this.#trim(nowMs);
    return chunks.slice(0, firstWindow);
  }

  /** @returns the pieces that were asked for, as far as they are still here */
  take({transfer, numbers}: Missing, nowMs: number): readonly Chunk[] {
    const kept = this.#transfers.get(transfer);
    if (kept === undefined) {
      return [];
    }

    kept.untilMs = nowMs + keepMs;
    return numbers.slice(0, window).flatMap(number => kept.chunks[number] ?? []);
  }

  #trim(nowMs: number): void {
    for (const [name, {untilMs}] of this.#transfers) {
      if (untilMs <= nowMs || this.#transfers.size > mostTransfers) {
        this.#transfers.delete(name);
      }
    }
  }
}

type Incoming = {
  readonly from: LevelerId;
  readonly transfer: string;
  readonly chunks: (Uint8Array | undefined)[];
  have: number;
  bytes: number;
  /** When a piece last came, and when one was last asked for. */
  heardMs: number;
  askedMs: number;
};

/** Puts messages together that come in pieces, in any order, some twice, some never. Memory is bounded. */
export class Assembler {
  readonly #incoming = new Map<string, Incoming>();

  /** @returns the whole message, when this was the last piece of it */
  take(from: LevelerId, chunk: Chunk, nowMs: number): Uint8Array | undefined {
    const incoming = this.#open(from, chunk, nowMs);
    if (incoming === undefined || incoming.chunks[chunk.number] !== undefined) {
      return undefined;
    }

    incoming.chunks[chunk.number] = chunk.bytes;
    incoming.have++;
    incoming.bytes += chunk.bytes.length;
    incoming.heardMs = nowMs;
    if (incoming.have === chunk.count) {
      this.#incoming.delete(keyOf(incoming));
      return join(incoming);
    }

    this.#trim();
    return undefined;
  }

  /** Ask for what is missing where nothing came for a while; what was silent for too long is given up. */
  ask(nowMs: number): {readonly to: LevelerId; readonly missing: Missing}[] {
    const asked = [];
    for (const [key, incoming] of this.#incoming) {
      if (nowMs - incoming.heardMs >= giveUpMs) {
        this.#incoming.delete(key);
      } else if (nowMs - Math.max(incoming.heardMs, incoming.askedMs) >= askAfterMs) {
        incoming.askedMs = nowMs;
        asked.push({to: incoming.from, missing: missingOf(incoming)});
      }
    }

    return asked;
  }

  /** Whether `ask` has anything to watch. */
  get isBusy(): boolean {
    return this.#incoming.size > 0;
  }

  #open(from: LevelerId, {transfer, number, count}: Chunk, nowMs: number): Incoming | undefined {
    if (count < 1 || count > mostChunks || number >= count) {
      return undefined;
    }

    const key = keyOf({from, transfer});
    const known = this.#incoming.get(key);
    if (known !== undefined) {
      return known.chunks.length === count ? known : undefined;
    }

    const chunks = Array.from({length: count}, () => undefined);
    const incoming = {from, transfer, chunks, have: 0, bytes: 0, heardMs: nowMs, askedMs: nowMs};
    this.#incoming.set(key, incoming);
    this.#dropOldest(one => one.from === from, mostPerSender);
    this.#dropOldest(() => true, mostTransfers);
    return incoming;
  }

  #dropOldest(of: (incoming: Incoming) => boolean, most: number): void {
    const matching = [...this.#incoming].filter(([, incoming]) => of(incoming));
    for (const [key] of matching.slice(0, Math.max(0, matching.length - most))) {
      this.#incoming.delete(key);
    }
  }

  #trim(): void {
    let total = 0;
    for (const [key, {bytes}] of [...this.#incoming].reverse()) {
      total += bytes;
      if (total > mostBytes) {
        this.#incoming.delete(key);
      }
    }
  }
}

function keyOf({from, transfer}: {readonly from: LevelerId; readonly transfer: string}): string {
  return `${from}/${transfer}`;
}

function missingOf({transfer, chunks}: Incoming): Missing {
  const numbers: number[] = [];
  for (let number = 0; number < chunks.length && numbers.length < window; number++) {
    if (chunks[number] === undefined) {
      numbers.push(number);
    }
  }

  return {kind: 'missing', transfer, numbers};
}

function join({chunks, bytes}: Incoming): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk ?? new Uint8Array(), at);
    at += chunk?.length ?? 0;
  }

  return whole;
}
