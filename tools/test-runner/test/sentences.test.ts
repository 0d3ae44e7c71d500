import test from 'ava';
import type {FileTime} from '../src/lives.ts';
import {sayLongest, sayProgress, sayTimes} from '../src/sentences.ts';

const file = (name: string, pid: number, ms: number, endedMs?: number): FileTime => ({
  life: {file: `/w/${name}`, pid, beganMs: 0, ...(endedMs !== undefined && {endedMs, cpuMs: 500})},
  ms,
  tests: [
    {title: 'quick', ms: 10},
    {title: 'slow', ms: 2000},
  ],
});

const counts = {passed: 4, failed: 0, skipped: 1};

test('progress names the files that run and neither those that ended nor those that were killed', t => {
  const files = [file('ended.test.js', 1, 3000, 3000), file('killed.test.js', 2, 9000), file('runs.test.js', 3, 7000)];

  t.is(
    sayProgress('/w', {counts, files}, pid => pid !== 2),
    '4 passed, 0 failed, 1 skipped, 3 files begun; runs.test.js (7 s, 2 of its tests ended)',
  );
});

test('the longest file is named first, and of its tests those that take a second', t => {
  const files = [file('short.test.js', 1, 3000, 3000), file('long.test.js', 2, 7000, 7000)];

  t.is(sayLongest('/w', files), 'long.test.js 7 s, short.test.js 3 s');
  t.is(
    sayTimes('/w', files),
    [
      '    7.0 s     0.5 s CPU  long.test.js',
      '    2.0 s                 slow',
      '    3.0 s     0.5 s CPU  short.test.js',
      '    2.0 s                 slow',
    ].join('\n'),
  );
});
