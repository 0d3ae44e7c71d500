import {createHmac, hkdfSync, timingSafeEqual} from 'node:crypto';
import {envelopeBytes} from '@tacoplex/datagrams';
import type {LevelerId} from '@tacoplex/vocabulary';

/** Before the message: "TaCo", form 1, a zero, the sender (2 bytes), the key's id (4 bytes). */
const headBytes = 12;
const macBytes = 16;
const magic = 0x5461_436f;
const form = 1;

/** Keys of senders are made when they are first heard of, and no more than this many are kept. */
const mostKeys = 256;

export type Unopened = 'malformed' | 'unknown-key' | 'bad-mac';

/**
 * Signs and opens datagrams. Each sender has a key of its own, made from the cluster's key by HKDF-SHA256, so that
 * nobody's datagram can be passed off as another's. Nothing is read of a datagram before its HMAC has been checked.
 */
export class Envelopes {
  readonly #master: Uint8Array;
  readonly #cluster: string;
  readonly #keyId: number;
  readonly #keys = new Map<number, Buffer>();

  /** @param master 32 bytes */
  constructor(master: Uint8Array, cluster: string) {
    this.#master = master;
    this.#cluster = cluster;
    this.#keyId = this.#derive('key id', 4).readUInt32BE();
  }

  seal(sender: LevelerId, message: Uint8Array): Buffer {
    const sealed = Buffer.alloc(headBytes + message.length + macBytes);
    sealed.writeUInt32BE(magic, 0);
    sealed.writeUInt8(form, 4);
    sealed.writeUInt16BE(sender, 6);
    sealed.writeUInt32BE(this.#keyId, 8);
    sealed.set(message, headBytes);
    const signed = sealed.subarray(0, headBytes + message.length);
    this.#sign(sender, signed).copy(sealed, signed.length, 0, macBytes);
    return sealed;
  }

  /** @returns sender and message, the latter a view of `datagram`; or why there is none */
  open(datagram: Buffer): {readonly sender: LevelerId; readonly message: Buffer} | Unopened {
    if (
      datagram.length < envelopeBytes ||
      datagram.readUInt32BE(0) !== magic ||
      datagram.readUInt16BE(4) !== form << 8
    ) {
      return 'malformed';
    }

    const sender = datagram.readUInt16BE(6);
    if (sender === 0) {
      return 'malformed';
    }

    if (datagram.readUInt32BE(8) !== this.#keyId) {
      return 'unknown-key';
    }

    const end = datagram.length - macBytes;
    const mac = this.#sign(sender, datagram.subarray(0, end)).subarray(0, macBytes);
    return timingSafeEqual(mac, datagram.subarray(end))
      ? {sender: sender as LevelerId, message: datagram.subarray(headBytes, end)}
      : 'bad-mac';
  }

  #sign(sender: number, bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.#keyOf(sender)).update(bytes).digest();
  }

  #keyOf(sender: number): Buffer {
    const known = this.#keys.get(sender);
    if (known !== undefined) {
      return known;
    }

    if (this.#keys.size >= mostKeys) {
      this.#keys.clear();
    }

    const key = this.#derive(`datagram of ${sender}`, 32);
    this.#keys.set(sender, key);
    return key;
  }

  #derive(purpose: string, length: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#master, this.#cluster, `tacoplex 1 ${purpose}`, length));
  }
}
