import test from 'ava';
import {Interruption, takeTurn, untilInterrupted} from '../src/interruption.ts';

test.serial('a signal is told to the work, which cleans up', async t => {
  let cleaned = false;
  const work = untilInterrupted(async signal => {
    try {
      process.emit('SIGTERM', 'SIGTERM');
      signal.throwIfAborted();
    } finally {
      await takeTurn();
      cleaned = true;
    }
  });

  const error = await t.throwsAsync(work, {instanceOf: Interruption});
  t.is(error.exitCode, 143);
  t.true(cleaned);
});

test.serial('what fails because of a signal fails for the signal', async t => {
  const work = untilInterrupted(async () => {
    process.emit('SIGINT', 'SIGINT');
    throw new Error('a call of the kernel was interrupted');
  });

  const error = await t.throwsAsync(work, {instanceOf: Interruption});
  t.is(error.exitCode, 130);
});

test.serial('signals are nobody else’s business afterwards', async t => {
  const before = process.listenerCount('SIGINT');

  t.is(await untilInterrupted(async () => 7), 7);
  t.is(process.listenerCount('SIGINT'), before);
});
