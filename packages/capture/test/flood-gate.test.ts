import test from 'ava';
import {FloodGate, FloodPauses} from '../src/flood-gate.ts';

test('as many frames as allowed pass in one turn, and again in the next', t => {
  const gate = new FloodGate(2);
  for (let turn = 0; turn < 3; turn++) {
    t.deepEqual(gate.take(false), {isWanted: true, isNarrowed: false});
    t.deepEqual(gate.take(false), {isWanted: true, isNarrowed: false});
    gate.endTurn();
  }

  t.is(gate.opening, 'all');
});

test('a flood of broadcasts leaves what is sent to us alone', t => {
  const gate = new FloodGate(1);
  gate.take(false);

  t.deepEqual(gate.take(false), {isWanted: false, isNarrowed: true});
  t.is(gate.opening, 'direct');
  t.deepEqual(gate.take(false), {isWanted: false, isNarrowed: false});
  t.deepEqual(gate.take(true), {isWanted: true, isNarrowed: false});
});

test('a flood of what is sent to us is shut out too, until the pause is over', t => {
  const gate = new FloodGate(1);
  gate.take(true);

  t.deepEqual(gate.take(true), {isWanted: true, isNarrowed: true});
  gate.take(true);
  t.deepEqual(gate.take(true), {isWanted: false, isNarrowed: true});
  t.is(gate.opening, 'none');
  gate.endTurn();
  t.false(gate.take(true).isWanted);

  gate.open();
  t.true(gate.take(false).isWanted);
});

test('in a flood each pause is twice as long as the one before, up to the longest, and short again once it is gone', t => {
  const pauses = new FloodPauses({leastMs: 10, mostMs: 80});
  let nowMs = 1000;
  const lengths: number[] = [];
  for (const calmMs of [0, 26, 26, 26, 249, 250, 26]) {
    nowMs += calmMs;
    const lengthMs = pauses.next(nowMs);
    lengths.push(lengthMs);
    nowMs += lengthMs;
  }

  t.deepEqual(lengths, [10, 20, 40, 80, 80, 10, 20]);
});
