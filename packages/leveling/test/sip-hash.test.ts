import {readFileSync} from 'node:fs';
import {fromHex, toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {sipHash} from '../src/index.ts';
import {referenceSipHash} from './reference-sip-hash.ts';

const vectors: {key: string} & Record<'2-4' | '1-3', string[]> = JSON.parse(
  readFileSync(new URL('../../fixtures/siphash.json', import.meta.url), 'utf8'),
);
const key = fromHex(vectors.key) ?? new Uint8Array();

for (const [name, c, d] of [
  ['2-4', 2, 4],
  ['1-3', 1, 3],
] as const) {
  test(`SipHash-${name} gives all 64 published hashes`, t => {
    t.is(vectors[name].length, 64);
    for (const [length, expected] of vectors[name].entries()) {
      const message = Uint8Array.from({length}, (_, index) => index);

      t.is(toHex(sipHash(key, message, c, d)), expected, `${length} bytes`);
    }
  });
}

test('SipHash in halves is SipHash on 64-bit numbers, for every key and message', t => {
  const bytes16 = fc.uint8Array({minLength: 16, maxLength: 16});
  fc.assert(
    fc.property(
      bytes16,
      fc.uint8Array({maxLength: 80}),
      fc.constantFrom([1, 3] as const, [2, 4] as const),
      (...given) => {
        const [randomKey, message, [c, d]] = given;
        const view = new DataView(sipHash(randomKey, message, c, d).buffer);

        t.is(view.getBigUint64(0, true), referenceSipHash(randomKey, message, c, d));
      },
    ),
  );
});
