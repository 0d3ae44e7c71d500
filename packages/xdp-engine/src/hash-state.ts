const mask = 0xffff_ffff_ffff_ffffn;

/**
 * SipHash's state for a hash key, half a round ahead: what the first round does before it meets the message. Twin of
 * `sip_begin_round` in `bpf/sip_hash.h`.
 *
 * @param hashKey 16 bytes
 * @returns 4 words, and the second of them rotated as that round does it later
 * @see Aumasson and Bernstein, SipHash: a fast short-input PRF, INDOCRYPT 2012
 */
export function hashStateOf(hashKey: Uint8Array): BigUint64Array {
  const key = new DataView(hashKey.buffer, hashKey.byteOffset, 16);
  const [low, high] = [key.getBigUint64(0, true), key.getBigUint64(8, true)];
  const b = high ^ 0x646f72616e646f6dn;
  const a = ((low ^ 0x736f6d6570736575n) + b) & mask;
  const second = rotate(b, 13n) ^ a;
  return BigUint64Array.of(
    rotate(a, 32n),
    second,
    low ^ 0x6c7967656e657261n,
    high ^ 0x7465646279746573n,
    rotate(second, 17n),
  );
}

function rotate(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (64n - bits))) & mask;
}
