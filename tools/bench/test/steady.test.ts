import test from 'ava';
import fc from 'fast-check';
import {countedBetween} from '../src/steady-counters.ts';
import {changedState, serverAddresses, steadyState} from '../src/steady-state.ts';
import {tallyOf} from '../src/steady-tally.ts';

test('each number that has not arrived is lost, each that has arrived more than once repeated', t => {
  fc.assert(
    fc.property(fc.array(fc.nat({max: 3}), {maxLength: 200}), list => {
      const tally = tallyOf(Uint8Array.from(list), list.length);
      const inGaps = tally.gaps.reduce((sum, {first, last}) => sum + last - first + 1, 0);

      t.is(tally.lost, list.filter(times => times === 0).length);
      t.is(tally.repeated, list.filter(times => times > 1).length);
      t.true(tally.gaps.length <= 20);
      t.true(tally.gaps.length === 20 || inGaps === tally.lost);
    }),
  );
});

test('numbers that were lost together are one gap', t => {
  t.deepEqual(tallyOf(Uint8Array.of(0, 1, 0, 0, 0, 1, 2, 0, 1), 8), {
    sent: 8,
    lost: 5,
    repeated: 1,
    gaps: [
      {first: 0, last: 0},
      {first: 2, last: 4},
      {first: 7, last: 7},
    ],
  });
});

test('more frames than note was taken of are refused', t => {
  t.throws(() => tallyOf(new Uint8Array(3), 4), {instanceOf: RangeError});
});

test('what was counted before does not count', t => {
  const before = {forwarded: 10, reasons: {fenced: 3, 'no-mac': 1}};
  const after = {forwarded: 25, reasons: {fenced: 3, 'no-mac': 2, 'net-b-down': 4}};

  t.deepEqual(countedBetween(before, after), {forwarded: 15, reasons: {'no-mac': 1, 'net-b-down': 4}});
});

test('each next state is a version on, and moves bins', t => {
  const first = steadyState();
  const second = changedState(first);

  t.is(second.version.index, first.version.index + 1);
  t.is(second.servers.length, serverAddresses.length);
  t.notDeepEqual(second.groups[0]?.base, first.groups[0]?.base);
});
