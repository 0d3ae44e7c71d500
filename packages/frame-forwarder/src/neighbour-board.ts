import {type MacAddress, macFromBytes, macToBytes, type ServerNumber} from '@tacoplex/vocabulary';

const serverNumbers = 65_536;

/** For each server number one record for the MAC address that it has, and one for another that was heard. */
const recordBytes = 16;
const recordsEach = 2;

/**
 * What the frame loop's thread knows of the servers on net B, for the other thread to see. A record is the MAC address (6 bytes;
 * zeros: unknown) and, as a double in bytes 8 to 15, when it was last heard, CLOCK_MONOTONIC in ms.
 */
export function createBoardMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(recordBytes * recordsEach * serverNumbers);
}

export class NeighbourBoard {
  readonly #bytes: Uint8Array;
  readonly #doubles: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#doubles = new Float64Array(memory);
  }

  write(number: ServerNumber, mac: MacAddress, heardAtMs: number): void {
    this.#write(recordsEach * number, mac, heardAtMs);
  }

  /** Another MAC address was heard for a server that keeps the one it has. */
  writeTwin(number: ServerNumber, mac: MacAddress, heardAtMs: number): void {
    this.#write(recordsEach * number + 1, mac, heardAtMs);
  }

  forget(number: ServerNumber): void {
    const bytes = recordBytes * recordsEach;
    this.#bytes.fill(0, bytes * number, bytes * (number + 1));
  }

  /** @returns undefined while unknown */
  macOf(number: ServerNumber): MacAddress | undefined {
    return this.#macIn(recordsEach * number);
  }

  /** @returns undefined while unknown */
  heardAtMs(number: ServerNumber): number | undefined {
    return this.macOf(number) === undefined ? undefined : this.#doubles[2 * recordsEach * number + 1];
  }

  /** The other MAC address that was last heard for a server, if that was after `sinceMs`. */
  twinOf(number: ServerNumber, sinceMs: number): MacAddress | undefined {
    const record = recordsEach * number + 1;
    const mac = this.#macIn(record);
    return mac !== undefined && (this.#doubles[2 * record + 1] ?? 0) > sinceMs ? mac : undefined;
  }

  #write(record: number, mac: MacAddress, heardAtMs: number): void {
    this.#bytes.set(macToBytes(mac), recordBytes * record);
    this.#doubles[2 * record + 1] = heardAtMs;
  }

  #macIn(record: number): MacAddress | undefined {
    const bytes = this.#bytes.subarray(recordBytes * record, recordBytes * record + 6);
    return bytes.every(byte => byte === 0) ? undefined : macFromBytes(bytes);
  }
}
