import {createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual} from 'node:crypto';
import type {KeyRing, RingKey} from '@tacoplex/config';
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

export type Opened = {
  readonly sender: LevelerId;
  /** A view of the datagram. */
  readonly message: Buffer;
};

/**
 * Signs and opens datagrams. Each sender has a key of its own, made from a key of the ring by HKDF-SHA256, so that
 * nobody's datagram can be passed off as another's. Nothing is read of a datagram before its HMAC has been checked.
 */
export class Envelopes {
  readonly #onRetired: ((sender: LevelerId) => void) | undefined;
  #current: RingKey;
  #accepted = new Map<number, RingKey>();
  readonly #keys = new Map<string, KeyObject>();
  #arpKeys: readonly Uint8Array[] | undefined;

  /** @param onRetired if given, keys that were retired are believed too, and it is told who signs with one */
  constructor(ring: Pick<KeyRing, 'keys'>, onRetired?: (sender: LevelerId) => void) {
    this.#onRetired = onRetired;
    this.#current = this.use(ring);
  }

  /** Sign with the current key of this ring from now on, and believe its others too. @throws RangeError without one */
  use({keys}: Pick<KeyRing, 'keys'>): RingKey {
    const current = keys.find(({stage}) => stage === 'current');
    if (current === undefined) {
      throw new RangeError('a key ring has a current key');
    }

    const accepted = keys.filter(({stage}) => stage !== 'retired' || this.#onRetired !== undefined);
    this.#current = current;
    this.#accepted = new Map(accepted.map(key => [idOf(key), key]));
    this.#keys.clear();
    this.#arpKeys = undefined;
    return current;
  }

  /**
   * Keys of the cluster of this name by which a leveler proves an answer by ARP, 32 bytes each: the current one, by which it
   * signs, then the others that are believed. Nothing can be learnt from them of what signs datagrams.
   */
  arpKeysOf(cluster: string): readonly Uint8Array[] {
    const others = [...this.#accepted.values()].filter(key => key !== this.#current && key.stage !== 'retired');
    this.#arpKeys ??= [this.#current, ...others].map(
      ({secret}) => new Uint8Array(hkdfSync('sha256', secret, '', `tacoplex 1 answers by ARP of ${cluster}`, 32)),
    );
    return this.#arpKeys;
  }

  seal(sender: LevelerId, message: Uint8Array): Buffer {
    const sealed = Buffer.alloc(headBytes + message.length + macBytes);
    sealed.writeUInt32BE(magic, 0);
    sealed.writeUInt8(form, 4);
    sealed.writeUInt16BE(sender, 6);
    sealed.writeUInt32BE(idOf(this.#current), 8);
    sealed.set(message, headBytes);
    const signed = sealed.subarray(0, headBytes + message.length);
    this.#sign(this.#current, sender, signed).copy(sealed, signed.length, 0, macBytes);
    return sealed;
  }

  /** Read without checking: whom the head names as the sender; undefined if it is no head, or its key is not in the ring. */
  claimedSender(datagram: Buffer): LevelerId | undefined {
    const isHead =
      datagram.length >= envelopeBytes &&
      datagram.readUInt32BE(0) === magic &&
      datagram.readUInt16BE(4) === form << 8 &&
      this.#accepted.has(datagram.readUInt32BE(8));
    return isHead ? (datagram.readUInt16BE(6) as LevelerId) : undefined;
  }

  /** @returns who says what, or why there is nothing to be believed */
  open(datagram: Buffer): Opened | Unopened {
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

    const key = this.#accepted.get(datagram.readUInt32BE(8));
    if (key === undefined) {
      return 'unknown-key';
    }

    const end = datagram.length - macBytes;
    const mac = this.#sign(key, sender, datagram.subarray(0, end)).subarray(0, macBytes);
    if (!timingSafeEqual(mac, datagram.subarray(end))) {
      return 'bad-mac';
    }

    if (key.stage === 'retired') {
      this.#onRetired?.(sender as LevelerId);
    }

    return {sender: sender as LevelerId, message: datagram.subarray(headBytes, end)};
  }

  #sign(key: RingKey, sender: number, bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.#keyOf(key, sender)).update(bytes).digest();
  }

  #keyOf({fingerprint, secret}: RingKey, sender: number): KeyObject {
    const name = `${fingerprint} ${sender}`;
    const known = this.#keys.get(name);
    if (known !== undefined) {
      return known;
    }

    if (this.#keys.size >= mostKeys) {
      this.#keys.clear();
    }

    const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `tacoplex 1 datagram of ${sender}`, 32)));
    this.#keys.set(name, key);
    return key;
  }
}

/** What stands in the header of a datagram: the first four bytes of the fingerprint. */
function idOf({fingerprint}: Pick<RingKey, 'fingerprint'>): number {
  return Number.parseInt(fingerprint.slice(0, 8), 16);
}
