import test from 'ava';
import {beatsBench} from '../src/beats-bench.ts';
import {gapsOf, readSightings} from '../src/beats-capture.ts';
import {summarize} from '../src/statistics.ts';

/** A file of tcpdump: one frame for each time and sender. */
function pcapOf(...frames: readonly (readonly [seconds: number, microseconds: number, sender: number])[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  const records = frames.map(([seconds, microseconds, sender]) => {
    const record = Buffer.alloc(16 + 60);
    record.writeUInt32LE(seconds, 0);
    record.writeUInt32LE(microseconds, 4);
    record.writeUInt32LE(60, 8);
    record.writeUInt16BE(sender, 16 + 14 + 20 + 8 + 6);
    return record;
  });
  return Buffer.concat([head, ...records]);
}

test('gaps are those between the beats of one leveler, by the clock of the kernel', t => {
  const file = pcapOf([10, 0, 1], [10, 20_000, 2], [10, 50_500, 1], [11, 19_000, 2]);

  t.deepEqual(
    gapsOf(readSightings(file)).map(gap => Math.round(gap * 10) / 10),
    [50.5, 999],
  );
});

test('a record that was cut off when the recording ended is left out, and another file is refused', t => {
  const file = pcapOf([10, 0, 1], [10, 50_000, 1]);

  t.is(readSightings(file.subarray(0, file.length - 50)).length, 1);
  t.throws(() => readSightings(Buffer.from('no pcap file at all, but long enough')), {instanceOf: RangeError});
});

test('the target looks at the electors that have their priority', t => {
  const base = {hogs: 8, priority: 'none' as const, gapMs: summarize([50])};
  const targets = beatsBench.targets({
    levelers: 3,
    cases: [
      {...base, name: 'calm', inTime: 1},
      {...base, name: 'busy', inTime: 0.998},
      {...base, name: 'busy-unprivileged', inTime: 0.5},
    ],
  });

  t.deepEqual(
    targets.map(({met}) => met),
    [true, false],
  );
});
