/** SipHash-c-d the slow and plain way, on 64-bit numbers, written from the paper: a second opinion. */
export function referenceSipHash(key: Uint8Array, message: Uint8Array, c: number, d: number): bigint {
  const word = (bytes: Uint8Array, at: number) =>
    Array.from({length: 8}, (_, index) => BigInt(bytes[at + index] ?? 0) << BigInt(8 * index)).reduce((a, b) => a | b);
  const turn = (value: bigint, bits: bigint) => BigInt.asUintN(64, (value << bits) | (value >> (64n - bits)));
  const add = (one: bigint, other: bigint) => BigInt.asUintN(64, one + other);
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let [v0, v1] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn];
  let [v2, v3] = [k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const round = () => {
    v0 = add(v0, v1);
    v1 = turn(v1, 13n) ^ v0;
    v0 = turn(v0, 32n);
    v2 = add(v2, v3);
    v3 = turn(v3, 16n) ^ v2;
    v0 = add(v0, v3);
    v3 = turn(v3, 21n) ^ v0;
    v2 = add(v2, v1);
    v1 = turn(v1, 17n) ^ v2;
    v2 = turn(v2, 32n);
  };
  const rounds = (count: number) => {
    for (let index = 0; index < count; index++) {
      round();
    }
  };
  const take = (m: bigint) => {
    v3 ^= m;
    rounds(c);
    v0 ^= m;
  };
  const whole = message.length - (message.length % 8);
  for (let at = 0; at < whole; at += 8) {
    take(word(message, at));
  }

  take(word(message.subarray(whole), 0) | (BigInt(message.length % 256) << 56n));
  v2 ^= 0xffn;
  rounds(d);
  return v0 ^ v1 ^ v2 ^ v3;
}
