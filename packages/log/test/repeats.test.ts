import {collectLog, HandClock} from '@tacoplex/testkit';
import test, {type ExecutionContext} from 'ava';
import {createLog, fieldOfCount, Repeats} from '../src/index.ts';

const stage = (
  t: ExecutionContext,
  atOnce = 1,
): {clock: HandClock; lines: string[]; fail: (cause: string, reason?: string) => void; repeats: Repeats} => {
  const clock = new HandClock();
  const repeats = new Repeats(clock, atOnce);
  const {log, lines} = collectLog('test');
  t.teardown(() => repeats.forget());
  return {
    clock,
    lines,
    repeats,
    fail: (cause, reason = cause) =>
      repeats.note(cause, count => log.warn('net fails', {reason, ...fieldOfCount(count)})),
  };
};

test('two causes in turn, forty times a second, are two lines, and two more each minute', t => {
  const {clock, lines, fail} = stage(t);
  for (let at = 0; at < 120_000; at += 25) {
    fail(at % 50 === 0 ? 'no address' : 'cannot send');
    clock.advance(25);
  }

  t.deepEqual(lines, [
    'test: warn: net fails reason="no address"',
    'test: warn: net fails reason="cannot send"',
    'test: warn: net fails reason="no address" count=1199',
    'test: warn: net fails reason="cannot send" count=1199',
    'test: warn: net fails reason="no address" count=1200',
  ]);
});

test('a cause is one cause whatever its words; the last ones are told', t => {
  const {clock, lines, fail} = stage(t);
  fail('disk', '12 bytes missing');
  fail('disk', '13 bytes missing');
  fail('disk', '14 bytes missing');
  clock.advance(60_000);

  t.deepEqual(lines, [
    'test: warn: net fails reason="12 bytes missing"',
    'test: warn: net fails reason="14 bytes missing" count=2',
  ]);
});

test('what happens again after a quiet minute is new', t => {
  const {clock, lines, fail} = stage(t);
  fail('disk');
  clock.advance(60_000);
  fail('disk');

  t.is(lines.length, 2);
  t.is(lines[0], lines[1]);
});

test('nothing is told of what has stopped', t => {
  const {clock, lines, fail, repeats} = stage(t);
  fail('disk');
  fail('disk');
  repeats.forget();
  clock.advance(120_000);

  t.is(lines.length, 1);
});

test('a process writes 100 lines of one event a minute and counts the rest, but each line of debug', t => {
  const clock = new HandClock();
  const lines: string[] = [];
  const log = createLog('elector', 'debug', line => lines.push(line), new Repeats(clock, 100));
  for (let index = 0; index < 1000; index++) {
    log.warn('message dropped', {index});
    log.debug('heard');
  }

  log.warn('net fails');
  clock.advance(60_000);

  const dropped = lines.filter(line => line.includes('message dropped'));
  t.is(dropped.length, 101);
  t.is(dropped.at(-1), 'elector: warn: message dropped index=999 count=900');
  t.is(lines.filter(line => line.endsWith('debug: heard')).length, 1000);
  t.is(lines.filter(line => line.endsWith('net fails')).length, 1);
});
