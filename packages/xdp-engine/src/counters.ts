import {reasons, shellReasons} from '@tacoplex/leveling';
import {counters as layout, serverCount, serviceCount} from './layout.ts';

/** Which of the two images and tables. */
export type Side = 0 | 1;

/** What was counted since the maps were made, in the form of the cap engine: doubles, exact up to 2^53. */
export type CounterArrays = {
  /** Frames, by reason of `leveling`, then those of the shell. */
  readonly reasons: Float64Array;
  /** Packets and bytes, by server number. */
  readonly servers: Float64Array;
  /** Packets and bytes, by index of the service on either side. */
  readonly services: readonly [Float64Array, Float64Array];
};

/** With room for everything there may ever be to count. */
export function createCounterArrays(): CounterArrays {
  return {
    reasons: new Float64Array(reasons.length + shellReasons.length),
    servers: new Float64Array(2 * serverCount),
    services: [new Float64Array(2 * serviceCount), new Float64Array(2 * serviceCount)],
  };
}

/** Length of `reasons` in the kernel: whatever lies behind is not counted there. */
const reasonCount = 32;

/** What the program has counted: a row for each CPU, as memory. */
export class XdpCounters {
  readonly #rows: readonly BigUint64Array[];

  /** @param buffer of the map `counters` */
  constructor(buffer: ArrayBuffer) {
    this.#rows = Array.from(
      {length: buffer.byteLength / layout.bytes},
      (_, cpu) => new BigUint64Array(buffer, cpu * layout.bytes, layout.bytes / 8),
    );
  }

  /**
   * Bring `into` up to date, in the form the cap engine counts in. The reason `forwarded`, which the program does not
   * count, is the sum over the servers.
   *
   * @param more what the process has counted beside it
   * @param servers those that are looked at: numbers, no two alike
   * @param services how many each side has; the others are left as they are
   */
  readInto(
    into: CounterArrays,
    more: CounterArrays,
    servers: readonly number[],
    services: readonly [number, number],
  ): void {
    for (let reason = 1; reason < Math.min(reasonCount, into.reasons.length); reason++) {
      into.reasons[reason] = this.#sum(layout.reasons / 8 + reason) + (more.reasons[reason] ?? 0);
    }

    for (const side of [0, 1] as const) {
      for (let word = 0; word < 2 * services[side]; word++) {
        into.services[side][word] = this.#sum(servicesAt(side) + word) + more.services[side][word]!;
      }
    }

    into.reasons[0] = 0;
    for (const server of servers) {
      const packets = this.#sum(layout.servers / 8 + 2 * server) + more.servers[2 * server]!;
      into.servers[2 * server] = packets;
      into.servers[2 * server + 1] = this.#sum(layout.servers / 8 + 2 * server + 1) + more.servers[2 * server + 1]!;
      into.reasons[0] += packets;
    }
  }

  /** Begin to count anew the services of a side that nobody reads. */
  clearServices(side: Side): void {
    for (const row of this.#rows) {
      row.fill(0n, servicesAt(side), servicesAt(side) + 2 * serviceCount);
    }
  }

  #sum(word: number): number {
    return this.#rows.reduce((sum, row) => sum + Number(row[word] ?? 0n), 0);
  }
}

function servicesAt(side: Side): number {
  return layout.services / 8 + side * 2 * serviceCount;
}
