import test from 'ava';
import fc from 'fast-check';
import {admit, emptyWindow, type Window} from '../src/window.ts';

const admitAll = (sequences: readonly number[]): string[] => {
  let window: Window = emptyWindow;
  return sequences.map(sequence => {
    const next = admit(window, sequence);
    window = typeof next === 'string' ? window : next;
    return typeof next === 'string' ? next : 'new';
  });
};

test('each number within the window is new once', t => {
  t.deepEqual(admitAll([5, 3, 5, 4, 3, 260, 5, 6]), [
    'new',
    'new',
    'duplicate',
    'new',
    'duplicate',
    'new',
    'duplicate',
    'new',
  ]);
});

test('a number behind the window is stale', t => {
  t.deepEqual(admitAll([1000, 745, 744]), ['new', 'new', 'stale']);
});

test('whatever the order, nothing is new twice', t => {
  const property = fc.property(fc.array(fc.integer({min: 1, max: 600}), {maxLength: 300}), sequences => {
    const verdicts = admitAll(sequences);
    const fresh = sequences.filter((_, index) => verdicts[index] === 'new');

    t.is(new Set(fresh).size, fresh.length);
  });

  fc.assert(property, {numRuns: 200});
});
