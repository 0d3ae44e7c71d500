import {buildPing, parseArpFrame} from '@tacoplex/frames';
import {parseIp, trialIdentifier} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {buildTrialFrame, parseTrialFrame, type TrialFrame} from '../src/trial-frame.ts';
import {mac} from './fixtures.ts';

const token = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const own = parseIp('10.0.0.101')!;
const servIp = parseIp('203.0.113.10')!;
const trial: TrialFrame = {
  kind: 'answer',
  from: mac('02:00:00:00:0b:01'),
  to: mac('02:00:00:00:0b:02'),
  servIp,
  own,
  number: 513,
  token,
};

test('a request is a ping of ours to a ServIP, and no answer', t => {
  const frame = buildTrialFrame({...trial, kind: 'request'});
  const ping = buildPing(
    {source: own, destination: servIp},
    {identifier: trialIdentifier, sequence: 513, payload: token},
  );

  t.is(frame.length, 60);
  t.deepEqual(frame.subarray(34, 34 + ping.length), ping);
  t.is(parseTrialFrame(frame, frame.length, token), undefined);
});

test('an answer tells its number to whoever knows the token', t => {
  const frame = buildTrialFrame(trial);

  t.is(parseTrialFrame(frame, frame.length, token), 513);
  t.is(parseTrialFrame(frame, frame.length, token.toReversed()), undefined);
  t.is(parseArpFrame(frame, frame.length), undefined);
});

test('a frame that is cut anywhere, or has any bytes, is read without a fault', t => {
  const frame = buildTrialFrame(trial);
  for (let length = 0; length < 50; length++) {
    t.is(parseTrialFrame(frame, length, token), undefined, `${length} bytes`);
  }

  fc.assert(
    fc.property(fc.uint8Array({maxLength: 80}), bytes => {
      t.is(parseTrialFrame(bytes, bytes.length, token), undefined);
      const mixed = Uint8Array.from(frame, (byte, index) => (index > 13 && index < 34 ? (bytes[index] ?? byte) : byte));
      t.notThrows(() => parseTrialFrame(mixed, mixed.length, token));
    }),
  );
});
