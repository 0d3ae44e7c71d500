import {type MacAddress, macFromBytes, macToBytes, type ServerNumber} from '@tacoplex/vocabulary';

const serverNumbers = 65_536;
const recordBytes = 16;

/**
 * What the frame loop's thread knows of the servers on net B, for the other thread to see: for each server number 16
 * bytes, the MAC address (6; zeros: unknown) and, as a double, when it was last heard, CLOCK_MONOTONIC in ms.
 */
export function createBoardMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(recordBytes * serverNumbers);
}

export class NeighbourBoard {
  readonly #bytes: Uint8Array;
  readonly #doubles: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#doubles = new Float64Array(memory);
  }

  write(number: ServerNumber, mac: MacAddress, heardAtMs: number): void {
    this.#bytes.set(macToBytes(mac), recordBytes * number);
    this.#doubles[2 * number + 1] = heardAtMs;
  }

  forget(number: ServerNumber): void {
    this.#bytes.fill(0, recordBytes * number, recordBytes * (number + 1));
  }

  /** @returns undefined while unknown */
  macOf(number: ServerNumber): MacAddress | undefined {
    const bytes = this.#bytes.subarray(recordBytes * number, recordBytes * number + 6);
    return bytes.every(byte => byte === 0) ? undefined : macFromBytes(bytes);
  }

  /** @returns undefined while unknown */
  heardAtMs(number: ServerNumber): number | undefined {
    return this.macOf(number) === undefined ? undefined : this.#doubles[2 * number + 1];
  }
}
