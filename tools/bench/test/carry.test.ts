import test from 'ava';
import {carryBench, planDeeds} from '../src/carry-bench.ts';
import {deeds} from '../src/carry-deeds.ts';

const plan = (own: Readonly<Record<string, string>>, quick = false) => planDeeds({quick, own});

test('each deed is done twenty times, or once in a hurry, or as often as asked', t => {
  t.like(plan({}), {runs: 20});
  t.like(plan({}, true), {runs: 1});
  t.like(plan({runs: '3'}, true), {runs: 3});
  t.is(plan({}).chosen.length, deeds.length);
});

test('what is asked for by name is done alone, and what is none is refused with those that there are', t => {
  t.deepEqual(
    plan({deeds: 'mac-b,lower-mtu'}).chosen.map(({name}) => name),
    ['mac-b', 'lower-mtu'],
  );
  t.throws(() => plan({deeds: 'mac-b,earthquake'}), {message: /no deed "earthquake"; there are: forwarder-stopped/});
  t.throws(() => plan({runs: '0'}), {message: /--runs: a whole number 1\.\.9999, not "0"/});
});

test('who has a lease must lose nothing for longer than 150 ms, others half a second, a second at worst', t => {
  const figures = {lossMs: [140, 420, 160], median: 160, worst: 420, lost: [1, 2, 3], victims: []};
  const targets = carryBench.targets({seed: 1, deeds: {'forwarder-hung': figures, 'mac-a': figures}});
  t.deepEqual(
    targets.map(({what, met}) => [what, met]),
    [
      ['forwarder-hung: median <= 150 ms', false],
      ['forwarder-hung: worst <= 150 ms', false],
      ['mac-a: median <= 400 ms', true],
      ['mac-a: worst <= 1000 ms', true],
    ],
  );
});
