import {collectLog, HandClock} from '@tacoplex/testkit';
import test from 'ava';
import {WaitLog} from '../src/wait-log.ts';

test('long waits are told at once, then once a minute while they last; short ones never', t => {
  const {log, lines} = collectLog('elector');
  const clock = new HandClock();
  const waits = new WaitLog(log, clock, 50);
  for (const waitedMs of [undefined, 0, 50, 80, 70, 200]) {
    waits.note(waitedMs);
  }

  t.is(waits.count, 3);
  t.is(lines.length, 1);
  clock.advance(60_000);
  clock.advance(60_000);
  t.deepEqual(
    lines.map(line => /count=\d+ worst_ms=\d+/.exec(line)?.[0]),
    ['count=1 worst_ms=80', 'count=2 worst_ms=200'],
  );
});
