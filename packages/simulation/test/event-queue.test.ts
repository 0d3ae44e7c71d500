import test from 'ava';
import fc from 'fast-check';
import {EventQueue} from '../src/event-queue.ts';

test('what is due comes by time, and at the same time in the order in which it was planned', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({min: 0, max: 20})), times => {
      const [queue, ran] = [new EventQueue(), [] as number[]];
      for (const [index, atMs] of times.entries()) {
        queue.at(atMs, () => ran.push(index));
      }

      for (let due = queue.next(20); due !== undefined; due = queue.next(20)) {
        due.run();
      }

      const expected = [...times.keys()].sort((one, other) => times[one]! - times[other]! || one - other);
      t.deepEqual(ran, expected);
    }),
  );
});

test('what is due later stays', t => {
  const queue = new EventQueue();
  queue.at(5, () => {});

  t.is(queue.next(4), undefined);
  t.is(queue.next(5)?.atMs, 5);
  t.is(queue.next(5), undefined);
});
