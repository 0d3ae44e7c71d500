import {envelopeBytes} from '@tacoplex/datagrams';
import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {Envelopes} from '../src/envelope.ts';

const key = Uint8Array.from({length: 32}, (_, index) => index);
const envelopes = new Envelopes(key, 'demo');
const sender = 7 as LevelerId;
const text = Buffer.from('forty-two');

test('what is sealed opens to the same words of the same sender', t => {
  const opened = envelopes.open(envelopes.seal(sender, text));

  t.deepEqual(opened, {sender, message: text});
  t.is(envelopes.seal(sender, text).length, text.length + envelopeBytes);
});

test('another key and another cluster are told apart from a forged signature', t => {
  const sealed = envelopes.seal(sender, text);

  t.is(new Envelopes(new Uint8Array(32), 'demo').open(sealed), 'unknown-key');
  t.is(new Envelopes(key, 'other').open(sealed), 'unknown-key');
});

test('a datagram with any one bit changed is not opened', t => {
  const sealed = envelopes.seal(sender, text);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3]! ^= 1 << (bit & 7);

    t.is(typeof envelopes.open(changed), 'string', `bit ${bit}`);
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
