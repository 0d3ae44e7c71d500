import {maxServices, reasons, type ShellReason, shellReasonNumber, shellReasons} from '@tacoplex/leveling';
import type {Side} from './image-pair.ts';

/** Every way out, by number: the forwarding function's, then the shell's. */
export const allReasons: readonly string[] = [...reasons, ...shellReasons];

const serverNumbers = 65_536;

/** What the frame loop counts, in memory that both threads see. All are doubles: exact up to 2^53. */
export type CounterMemory = {
  /** Frames, by reason. */
  readonly reasons: SharedArrayBuffer;
  /** Packets and bytes, by server number. */
  readonly servers: SharedArrayBuffer;
  /** Packets and bytes, by index of the service in either image. */
  readonly services: readonly [SharedArrayBuffer, SharedArrayBuffer];
};

export function createCounterMemory(): CounterMemory {
  const doubles = (count: number): SharedArrayBuffer => new SharedArrayBuffer(8 * count);
  return {
    reasons: doubles(allReasons.length),
    servers: doubles(2 * serverNumbers),
    services: [doubles(2 * maxServices), doubles(2 * maxServices)],
  };
}

/** A view of the counters. Only the frame loop's thread adds to them. */
export class Counters {
  readonly reasons: Float64Array;
  readonly servers: Float64Array;
  readonly services: readonly [Float64Array, Float64Array];

  constructor(memory: CounterMemory) {
    this.reasons = new Float64Array(memory.reasons);
    this.servers = new Float64Array(memory.servers);
    this.services = [new Float64Array(memory.services[0]), new Float64Array(memory.services[1])];
  }

  countReason(reason: number): void {
    this.reasons[reason]! += 1;
  }

  countShellReason(reason: ShellReason, frames = 1): void {
    this.reasons[shellReasonNumber(reason)]! += frames;
  }

  /** One frame that went to a server: the sums over servers and over services are always equal. */
  countForwarded(reason: number, side: Side, service: number, server: number, bytes: number): void {
    const services = this.services[side];
    this.reasons[reason]! += 1;
    this.servers[2 * server]! += 1;
    this.servers[2 * server + 1]! += bytes;
    services[2 * service]! += 1;
    services[2 * service + 1]! += bytes;
  }
}

/** Packets, and bytes of their frames. */
export type Traffic = {readonly packets: number; readonly bytes: number};

export const noTraffic: Traffic = {packets: 0, bytes: 0};

/**
 * What went to each service, through changes of the image: an index means another service in the next image, so what
 * was counted under it is put aside, by name, before an image is written anew.
 */
export class ServiceTallies {
  readonly #counters: Counters;
  readonly #names: [readonly string[], readonly string[]] = [[], []];
  readonly #aside = new Map<string, Traffic>();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Before the image on `side` is written anew with services of these names. Nobody may be reading that image. */
  begin(side: Side, names: readonly string[]): void {
    const counted = this.#counters.services[side];
    for (const [index, name] of this.#names[side].entries()) {
      this.#aside.set(name, add(this.#aside.get(name), trafficAt(counted, index)));
    }

    counted.fill(0);
    this.#names[side] = names;
    const current = new Set([...this.#names[0], ...this.#names[1]]);
    for (const name of this.#aside.keys()) {
      if (!current.has(name)) {
        this.#aside.delete(name);
      }
    }
  }

  of(name: string): Traffic {
    return ([0, 1] as const).reduce((sum, side) => {
      const index = this.#names[side].indexOf(name);
      return index < 0 ? sum : add(sum, trafficAt(this.#counters.services[side], index));
    }, this.#aside.get(name) ?? noTraffic);
  }
}

/** What went to each server since it got its number: numbers are given again one day. */
export class ServerTallies {
  readonly #counters: Counters;
  readonly #before = new Map<number, Traffic>();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Those that are new begin at 0. */
  setServers(numbers: readonly number[]): void {
    const known = new Set(this.#before.keys());
    for (const number of numbers) {
      if (!known.delete(number)) {
        this.#before.set(number, trafficAt(this.#counters.servers, number));
      }
    }

    for (const gone of known) {
      this.#before.delete(gone);
    }
  }

  of(number: number): Traffic {
    const now = trafficAt(this.#counters.servers, number);
    const before = this.#before.get(number) ?? now;
    return {packets: now.packets - before.packets, bytes: now.bytes - before.bytes};
  }
}

function trafficAt(counted: Float64Array, index: number): Traffic {
  return {packets: counted[2 * index] ?? 0, bytes: counted[2 * index + 1] ?? 0};
}

function add(one: Traffic = noTraffic, other: Traffic): Traffic {
  return {packets: one.packets + other.packets, bytes: one.bytes + other.bytes};
}
