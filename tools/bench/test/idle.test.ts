import test from 'ava';
import {compare} from '../src/idle-bench.ts';
import {cpuOf, mebibytesOf} from '../src/idle-usage.ts';

test('processor time is read behind a name with spaces and parentheses', t => {
  const stat = '42 (node (a) b) S 1 42 42 0 -1 4194560 2000 0 0 0 150 75 9 9 20 0 11 0 1 2 3';
  t.is(cpuOf(stat), 2.25);
});

test('a field of smaps_rollup is told in MiB, and a missing one is a fault', t => {
  const rollup =
    '00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss:               40960 kB\nPss:                2048 kB\n';
  t.is(mebibytesOf(rollup, 'Rss'), 40);
  t.is(mebibytesOf(rollup, 'Pss'), 2);
  t.throws(() => mebibytesOf(rollup, 'Swap'), {instanceOf: RangeError});
});

test('figures are means of the levelers, and the total is the sum of the processes', t => {
  const at = (cpuS: number) =>
    ['leveler0', 'leveler1'].flatMap((leveler, index) =>
      ['elector', 'admin-broker'].map(name => ({leveler, name, usage: {cpuS: cpuS + index, rssMiB: 50, pssMiB: 20}})),
    );
  const {processes, total} = compare({started: at(1), before: at(2), after: at(3)}, 50);
  t.deepEqual(processes.elector, {cpuPercent: 2, rssMiB: 50, pssMiB: 20, startCpuS: 1.5});
  t.deepEqual(total, {cpuPercent: 4, rssMiB: 100, pssMiB: 40, startCpuS: 3});
});
