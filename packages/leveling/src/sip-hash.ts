/**
 * SipHash-c-d over whole 64-bit words, in 32-bit halves: no BigInt, no allocation.
 *
 * The message is `blocks`: each word as lower half, upper half, the padded last word with the length in
 * its top byte included. The key is 4 halves in the same order.
 *
 * @param blockCount words of 64 bits, so 2 x blockCount entries of `blocks` are read
 * @param compressionRounds c: 1 for SipHash-1-3, 2 for the authors' 2-4
 * @param finalizationRounds d: 3 or 4
 * @param out gets the lower and upper half of the hash, at 0 and 1
 * @see Aumasson and Bernstein, SipHash: a fast short-input PRF, INDOCRYPT 2012
 */
export function hashBlocks(
  key: Int32Array,
  blocks: Int32Array,
  blockCount: number,
  compressionRounds: number,
  finalizationRounds: number,
  out: Int32Array,
): void {
  const key0Low = key[0]!;
  const key0High = key[1]!;
  const key1Low = key[2]!;
  const key1High = key[3]!;
  let aLow = key0Low ^ 0x70736575;
  let aHigh = key0High ^ 0x736f6d65;
  let bLow = key1Low ^ 0x6e646f6d;
  let bHigh = key1High ^ 0x646f7261;
  let cLow = key0Low ^ 0x6e657261;
  let cHigh = key0High ^ 0x6c796765;
  let dLow = key1Low ^ 0x79746573;
  let dHigh = key1High ^ 0x74656462;
  const lastBlock = blockCount - 1;
  for (let block = 0; block <= blockCount; block++) {
    const isFinal = block > lastBlock;
    const low = isFinal ? 0 : blocks[2 * block]!;
    const high = isFinal ? 0 : blocks[2 * block + 1]!;
    if (isFinal) {
      cLow ^= 0xff;
    }

    dLow ^= low;
    dHigh ^= high;
    for (let rounds = isFinal ? finalizationRounds : compressionRounds; rounds > 0; rounds--) {
      let sum = (aLow + bLow) | 0;
      aHigh = (aHigh + bHigh + (((aLow & bLow) | ((aLow | bLow) & ~sum)) >>> 31)) | 0;
      aLow = sum;
      sum = (cLow + dLow) | 0;
      cHigh = (cHigh + dHigh + (((cLow & dLow) | ((cLow | dLow) & ~sum)) >>> 31)) | 0;
      cLow = sum;

      let turned = (bLow << 13) | (bHigh >>> 19);
      bHigh = ((bHigh << 13) | (bLow >>> 19)) ^ aHigh;
      bLow = turned ^ aLow;
      turned = (dLow << 16) | (dHigh >>> 16);
      dHigh = ((dHigh << 16) | (dLow >>> 16)) ^ cHigh;
      dLow = turned ^ cLow;
      turned = aLow; // Rotation by 32: the halves change places
      aLow = aHigh;
      aHigh = turned;

      sum = (cLow + bLow) | 0;
      cHigh = (cHigh + bHigh + (((cLow & bLow) | ((cLow | bLow) & ~sum)) >>> 31)) | 0;
      cLow = sum;
      sum = (aLow + dLow) | 0;
      aHigh = (aHigh + dHigh + (((aLow & dLow) | ((aLow | dLow) & ~sum)) >>> 31)) | 0;
      aLow = sum;

      turned = (bLow << 17) | (bHigh >>> 15);
      bHigh = ((bHigh << 17) | (bLow >>> 15)) ^ cHigh;
      bLow = turned ^ cLow;
      turned = (dLow << 21) | (dHigh >>> 11);
      dHigh = ((dHigh << 21) | (dLow >>> 11)) ^ aHigh;
      dLow = turned ^ aLow;
      turned = cLow;
      cLow = cHigh;
      cHigh = turned;
    }

    aLow ^= low;
    aHigh ^= high;
  }

  out[0] = aLow ^ bLow ^ cLow ^ dLow;
  out[1] = aHigh ^ bHigh ^ cHigh ^ dHigh;
}

/**
 * SipHash-c-d of any bytes, for tests and twins.
 *
 * @param key 16 bytes
 * @returns 8 bytes, as the authors' reference writes them (little-endian)
 */
export function sipHash(
  key: Uint8Array,
  message: Uint8Array,
  compressionRounds: number,
  finalizationRounds: number,
): Uint8Array {
  const blockCount = (message.length >> 3) + 1;
  const padded = new Uint8Array(8 * blockCount);
  padded.set(message);
  padded[8 * blockCount - 1] = message.length;
  const out = new Int32Array(2);
  hashBlocks(littleEndianWords(key), littleEndianWords(padded), blockCount, compressionRounds, finalizationRounds, out);
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setInt32(0, out[0] ?? 0, true);
  bytes.setInt32(4, out[1] ?? 0, true);
  return new Uint8Array(bytes.buffer);
}

/** @param bytes a multiple of 4 */
export function littleEndianWords(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int32Array.from({length: bytes.length / 4}, (_, index) => view.getInt32(4 * index, true));
}
