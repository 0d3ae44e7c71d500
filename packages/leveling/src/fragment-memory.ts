import {wordAt} from './flow-key.ts';
import {FragmentTable, fragmentKeyWords, writeFragmentKey} from './fragment-table.ts';
import type {Packet} from './packet.ts';

/** Datagrams remembered at a time, and for how long after the first fragment came. */
export const fragmentMemoryLimits = {datagrams: 65_536, rememberMs: 5000} as const;

/**
 * Where the first fragment of each datagram went, and the ports it had. The newer one counts if an identification is used
 * again; the oldest gives way if there are too many. 4.2 MiB, and none more for a frame. The kernel half keeps the same in a
 * map.
 */
export class FragmentMemory {
  /** Of the fragment that was remembered or looked for last. */
  readonly key = new Int32Array(fragmentKeyWords);
  readonly #table: FragmentTable;
  readonly #rememberMs: number;
  readonly #untilMs: Float64Array;
  readonly #ports: Int32Array;
  readonly #servers: Uint16Array;
  readonly #protocols: Uint8Array;

  /**
   * @param hashKey 4 words that nobody outside can guess
   * @param limits datagrams: a power of 2
   */
  constructor(
    hashKey: Int32Array,
    limits: {readonly datagrams: number; readonly rememberMs: number} = fragmentMemoryLimits,
  ) {
    const {datagrams, rememberMs} = limits;
    this.#table = new FragmentTable(datagrams, hashKey);
    this.#rememberMs = rememberMs;
    this.#untilMs = new Float64Array(datagrams);
    this.#ports = new Int32Array(datagrams);
    this.#servers = new Uint16Array(datagrams);
    this.#protocols = new Uint8Array(datagrams);
  }

  /** @param packet a first fragment @param server its number @param nowMs never goes back */
  remember(frame: Uint8Array, packet: Packet, server: number, nowMs: number): void {
    writeFragmentKey(frame, packet, this.key);
    this.learn(packet.ports === -1 ? 0 : wordAt(frame, packet.ports), packet.protocol, server, nowMs);
  }

  /**
   * Remember what the kernel half has seen, of the datagram that `key` was set to.
   *
   * @param ports as they stand, read as a little-endian word; 0: none
   * @param protocol behind all extension headers
   */
  learn(ports: number, protocol: number, server: number, nowMs: number): void {
    const slot = this.#table.put(this.key);
    this.#untilMs[slot] = nowMs + this.#rememberMs;
    this.#ports[slot] = ports;
    this.#servers[slot] = server;
    this.#protocols[slot] = protocol;
  }

  /** @param packet a later fragment @returns the slot of its datagram, or -1: its first one has not been seen lately */
  find(frame: Uint8Array, packet: Packet, nowMs: number): number {
    writeFragmentKey(frame, packet, this.key);
    const slot = this.#table.find(this.key);
    return slot !== -1 && nowMs < this.#untilMs[slot]! ? slot : -1;
  }

  serverAt(slot: number): number {
    return this.#servers[slot]!;
  }

  protocolAt(slot: number): number {
    return this.#protocols[slot]!;
  }

  /** In the machine's order; 0 if the protocol has no ports. */
  destinationPortAt(slot: number): number {
    const ports = this.#ports[slot]!;
    return ((ports >>> 8) & 0xff00) | (ports >>> 24);
  }
}
