import {wordAt} from './flow-key.ts';
import type {Packet} from './packet.ts';
import {hashBlocks} from './sip-hash.ts';

/**
 * 32-bit words of a key: source 4, destination 4 (IPv4: 1 each, then zeros), identification, version and protocol. IPv6
 * tells datagrams apart without the protocol, which its later fragments may not even show: then it is 0.
 *
 * @see RFC 791, 3.2; RFC 8200, 4.5
 */
export const fragmentKeyWords = 10;

/** Words that are hashed: the key, and the word of 64 bits that ends the message. */
const hashedWords = fragmentKeyWords + 2;

/**
 * Write what the fragments of one datagram have in common.
 *
 * @param packet a fragment, not one that is quoted
 * @param key at least {@link fragmentKeyWords} entries
 */
export function writeFragmentKey(frame: Uint8Array, packet: Packet, key: Int32Array): void {
  const {version, start, source, destination, fragmentHeader, protocol} = packet;
  for (let word = 0; word < 4; word++) {
    const isUsed = word === 0 || version === 6;
    key[word] = isUsed ? wordAt(frame, source + 4 * word) : 0;
    key[4 + word] = isUsed ? wordAt(frame, destination + 4 * word) : 0;
  }

  key[8] = version === 4 ? wordAt(frame, start + 4) & 0xffff : wordAt(frame, fragmentHeader + 4);
  key[9] = version === 4 ? version | (protocol << 8) : version;
}

/**
 * Datagrams by number of a slot, for whoever keeps something of each. Of fixed size: the one put in first gives way.
 * Nobody outside can aim at its chains, for they are hashed with a key.
 */
export class FragmentTable {
  readonly #hashKey: Int32Array;
  readonly #keys: Int32Array;
  /** First slot of each chain + 1, and the next of each slot + 1; 0: none. */
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  /** Chain of each slot + 1, 0: the slot is free. */
  readonly #chains: Int32Array;
  readonly #blocks = new Int32Array(hashedWords);
  readonly #hash = new Int32Array(2);
  readonly #mask: number;
  #turn = 0;

  /**
   * @param capacity a power of 2: slots, of 52 bytes each
   * @param hashKey 4 words that nobody outside can guess
   */
  constructor(capacity: number, hashKey: Int32Array) {
    this.#hashKey = hashKey;
    this.#keys = new Int32Array(capacity * fragmentKeyWords);
    this.#heads = new Int32Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#chains = new Int32Array(capacity);
    this.#blocks[hashedWords - 1] = (4 * fragmentKeyWords) << 24;
    this.#mask = capacity - 1;
  }

  /** @returns the slot of a datagram, or -1 */
  find(key: Int32Array): number {
    for (let slot = this.#heads[this.#chainOf(key)]!; slot !== 0; slot = this.#next[slot - 1]!) {
      if (this.#holds(slot - 1, key)) {
        return slot - 1;
      }
    }

    return -1;
  }

  /** @returns the slot that is the datagram's from now on: it had none before, or has another now */
  put(key: Int32Array): number {
    const before = this.find(key);
    if (before !== -1) {
      this.remove(before);
    }

    const slot = this.#turn;
    this.#turn = (slot + 1) & this.#mask;
    this.remove(slot);
    const chain = this.#chainOf(key);
    for (let word = 0; word < fragmentKeyWords; word++) {
      this.#keys[slot * fragmentKeyWords + word] = key[word]!;
    }

    this.#chains[slot] = chain + 1;
    this.#next[slot] = this.#heads[chain]!;
    this.#heads[chain] = slot + 1;
    return slot;
  }

  /** A slot that is free stays so. */
  remove(slot: number): void {
    const chain = this.#chains[slot]! - 1;
    if (chain === -1) {
      return;
    }

    this.#chains[slot] = 0;
    const next = this.#next[slot]!;
    if (this.#heads[chain] === slot + 1) {
      this.#heads[chain] = next;
      return;
    }

    let before = this.#heads[chain]! - 1;
    while (this.#next[before] !== slot + 1) {
      before = this.#next[before]! - 1;
    }

    this.#next[before] = next;
  }

  #chainOf(key: Int32Array): number {
    for (let word = 0; word < fragmentKeyWords; word++) {
      this.#blocks[word] = key[word]!;
    }

    hashBlocks(this.#hashKey, this.#blocks, hashedWords / 2, 1, 3, this.#hash);
    return this.#hash[0]! & this.#mask;
  }

  #holds(slot: number, key: Int32Array): boolean {
    const first = slot * fragmentKeyWords;
    for (let word = 0; word < fragmentKeyWords; word++) {
      if (this.#keys[first + word] !== key[word]) {
        return false;
      }
    }

    return true;
  }
}
