import test from 'ava';
import {FloodGate} from '../src/flood-gate.ts';

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
