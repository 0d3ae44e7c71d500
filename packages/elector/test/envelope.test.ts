import {fingerprintOf, type KeyRing, type KeyStage} from '@tacoplex/config';
import {envelopeBytes} from '@tacoplex/datagrams';
import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {Envelopes} from '../src/envelope.ts';

const secretOf = (number: number): Uint8Array => new Uint8Array(32).fill(number);
const ringOf = (stages: Readonly<Record<number, KeyStage>>): KeyRing => ({
  rotation: 1,
  cluster: 'demo',
  lineage: '',
  keyFile: '',
  copy: '',
  keys: Object.entries(stages).map(([number, stage]) => {
    const secret = secretOf(Number(number));
    return {secret, fingerprint: fingerprintOf(secret), stage};
  }),
});

const envelopes = new Envelopes(ringOf({1: 'current'}));
const sender = 7 as LevelerId;
const text = Buffer.from('forty-two');

test('what is sealed opens to the same words of the same sender', t => {
  const opened = envelopes.open(envelopes.seal(sender, text));

  t.deepEqual(opened, {sender, message: text});
  t.is(envelopes.seal(sender, text).length, text.length + envelopeBytes);
});

test('another key is told apart from a forged signature', t => {
  const sealed = envelopes.seal(sender, text);
  const forged = Buffer.from(sealed);
  forged[20]! ^= 1;

  t.is(new Envelopes(ringOf({2: 'current'})).open(sealed), 'unknown-key');
  t.is(envelopes.open(forged), 'bad-mac');
});

for (const stage of ['next', 'previous'] as const) {
  test(`what is signed with the ${stage} key is believed, and the answer is signed with the current one`, t => {
    const ours = new Envelopes(ringOf({1: 'current', 2: stage}));

    t.like(ours.open(new Envelopes(ringOf({2: 'current'})).seal(sender, text)), {message: text});
    t.like(envelopes.open(ours.seal(sender, text)), {message: text});
  });
}

test('a retired key is believed by who is permissive, and by nobody else', t => {
  const ring = ringOf({1: 'retired', 2: 'current'});
  const sealed = envelopes.seal(sender, text);

  t.is(new Envelopes(ring).open(sealed), 'unknown-key');
  const stragglers: number[] = [];
  t.like(new Envelopes(ring, who => stragglers.push(who)).open(sealed), {message: text});
  t.deepEqual(stragglers, [sender]);
});

test('a ring that is changed takes effect with the next datagram', t => {
  const ours = new Envelopes(ringOf({1: 'current'}));
  const before = ours.seal(sender, text);

  ours.use(ringOf({2: 'current'}));

  t.is(ours.open(before), 'unknown-key');
  t.like(new Envelopes(ringOf({2: 'current'})).open(ours.seal(sender, text)), {message: text});
});

test('a datagram with any one bit changed is not opened', t => {
  const sealed = envelopes.seal(sender, text);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3]! ^= 1 << (bit & 7);

    t.is(typeof envelopes.open(changed), 'string', `bit ${bit}`);
  }
});

test('a datagram cut anywhere is not opened', t => {
  const sealed = envelopes.seal(sender, text);
  for (let length = 0; length < sealed.length; length++) {
    t.is(envelopes.open(sealed.subarray(0, length)), length < envelopeBytes ? 'malformed' : 'bad-mac', `${length}`);
  }
});

test('words of one leveler do not pass as those of another', t => {
  const sealed = envelopes.seal(sender, text);
  sealed.writeUInt16BE(8, 6);

  t.is(envelopes.open(sealed), 'bad-mac');
});

test('no bytes whatever make it throw', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 100}), bytes => {
      t.is(typeof envelopes.open(Buffer.from(bytes)), 'string');
    }),
  );
});
