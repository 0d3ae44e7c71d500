import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto';
import {type IpAddress, ipToBytes, type LevelerId} from '@tacoplex/vocabulary';

/** Behind an ARP message: in a question random bytes, in its answer the leveler's number (2 bytes) and an HMAC-SHA256, cut to 16. */
const trailerBytes = 18;
const idBytes = 2;

/**
 * Proves answers on net A where nothing but ARP may get through: anybody can send ARP in the name of a leveler that is dead.
 * An answer is signed together with the random bytes of its question, so that no recording fits another one.
 */
export class ArpProofs {
  readonly #self: LevelerId;
  #keys: readonly Uint8Array[] = [];
  #asked: {readonly number: number; readonly trailer: Uint8Array} | undefined;

  constructor(self: LevelerId) {
    this.#self = self;
  }

  /** From now on: the first one signs, all are believed. None: nothing is proven. */
  use(keys: readonly Uint8Array[]): void {
    this.#keys = keys;
  }

  /** What a question with this number carries: the same for each of its frames. */
  trailerOfQuestion(number: number): Uint8Array {
    if (this.#asked?.number !== number) {
      this.#asked = {number, trailer: randomBytes(trailerBytes)};
    }

    return this.#asked.trailer;
  }

  /** What our answer to a question carries. @returns undefined if the question carries nothing, or we have no key */
  trailerOfAnswer(question: Uint8Array, ip: IpAddress): Uint8Array | undefined {
    const [key] = this.#keys;
    if (key === undefined || question.every(byte => byte === 0)) {
      return undefined;
    }

    const trailer = Buffer.alloc(trailerBytes);
    trailer.writeUInt16BE(this.#self);
    sign(key, question, this.#self, ip).copy(trailer, idBytes, 0, trailerBytes - idBytes);
    return trailer;
  }

  /** Which leveler, other than this one, has answered the question of now; undefined: it is not proven. */
  provenBy(answer: Uint8Array, ip: IpAddress): LevelerId | undefined {
    const asked = this.#asked?.trailer;
    const id = new DataView(answer.buffer, answer.byteOffset).getUint16(0) as LevelerId;
    if (asked === undefined || id === 0 || id === this.#self) {
      return undefined;
    }

    const hmac = answer.subarray(idBytes);
    const isProven = this.#keys.some(key =>
      timingSafeEqual(sign(key, asked, id, ip).subarray(0, trailerBytes - idBytes), hmac),
    );
    return isProven ? id : undefined;
  }
}

function sign(key: Uint8Array, question: Uint8Array, id: LevelerId, ip: IpAddress): Buffer {
  return createHmac('sha256', key)
    .update(question)
    .update(Uint8Array.of(id >>> 8, id & 0xff))
    .update(ipToBytes(ip))
    .digest();
}
