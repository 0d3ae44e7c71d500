import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {FloodGate, TokenBucket} from '../src/flood-gate.ts';

const [member, stranger] = ['10.0.0.1', '10.0.0.66'] as unknown as [IpAddress, IpAddress];
const sender = 1 as LevelerId;

test('in any time no more pass than the burst and what that time allows', t => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), {maxLength: 400}), gapsMs => {
      const bucket = new TokenBucket({perSecond: 100, burst: 10}, 0);
      let [nowMs, passed] = [0, 0];
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        passed += bucket.take(nowMs) ? 1 : 0;
      }

      return passed <= 10 + nowMs / 10;
    }),
  );
  t.pass();
});

test('a flood from strangers, however many addresses it forges, costs known levelers nothing', t => {
  const gate = new FloodGate(0);
  gate.admitsSender('a', member, sender, 0);

  const passed = Array.from({length: 20_000}, (_, index) =>
    gate.admitsSource('a', `10.0.9.${index % 250}` as IpAddress, sender, index / 20),
  ).filter(Boolean).length;

  t.true(passed <= 1000, `${passed} of 20000 in one second`);
  t.true(gate.admitsSource('a', member, sender, 1000));
  t.false(gate.admitsSource('a', stranger, sender, 1000));
  t.true(gate.admitsSource('a', stranger, sender, 1100));
});

test('beats and a state in pieces are far below the limit of a sender, a flood of it is not', t => {
  const gate = new FloodGate(0);
  const burst = Array.from({length: 6000}, () => gate.admitsSender('a', member, sender, 0)).filter(Boolean).length;

  t.is(burst, 4096);
  t.true(gate.admitsSender('a', member, 2 as LevelerId, 0));
});

test('a flood on one net takes nothing from the other, even with a known address and a fitting head', t => {
  const gate = new FloodGate(0);
  gate.admitsSender('a', member, sender, 0);
  gate.admitsSender('b', member, sender, 0);

  const passed = Array.from({length: 60_000}, () => gate.admitsSource('a', member, sender, 0)).filter(Boolean).length;

  t.is(passed, 4096);
  t.true(gate.admitsSource('b', member, sender, 0));
  t.true(gate.admitsSource('b', stranger, sender, 0));
});

test('forged datagrams of a known address take nothing from it unless their head names who was heard there', t => {
  const gate = new FloodGate(0);
  gate.admitsSender('a', member, sender, 0);

  for (let index = 0; index < 60_000; index++) {
    gate.admitsSource('a', member, undefined, 0);
  }

  t.true(gate.admitsSource('a', stranger, sender, 0), 'whoever joins is not held up by misfits');

  for (let index = 0; index < 60_000; index++) {
    gate.admitsSource('a', member, 2 as LevelerId, 0);
  }

  t.true(gate.admitsSource('a', member, sender, 0));
});
