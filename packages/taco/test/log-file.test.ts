import {appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {followLines, readLastLines} from '../src/log-file.ts';

const openLog = (t: ExecutionContext, content: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-logs-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const file = join(folder, 'elector.log');
  writeFileSync(file, content);
  return file;
};

/** Follows a file; `saw` resolves when that line has come. */
const follow = (t: ExecutionContext, file: string, count: number) => {
  const stop = new AbortController();
  const lines: string[] = [];
  const waiting = new Map<string, () => void>();
  const following = followLines(
    file,
    count,
    line => {
      lines.push(line);
      waiting.get(line)?.();
    },
    stop.signal,
  );
  t.teardown(async () => {
    stop.abort();
    await following;
  });
  const saw = async (line: string): Promise<void> => {
    if (!lines.includes(line)) {
      await new Promise<void>(resolve => waiting.set(line, resolve));
    }
  };

  return {lines, saw};
};

const tails = [
  {content: 'a\nb\nc\n', count: 2, lines: ['b', 'c']},
  {content: 'a\nb\nc', count: 2, lines: ['b', 'c']},
  {content: 'a\nb\n', count: 9, lines: ['a', 'b']},
  {content: 'a\n\n', count: 2, lines: ['a', '']},
  {content: '\n\n', count: 5, lines: ['', '']},
  {content: 'a\n', count: 0, lines: []},
  {content: '', count: 3, lines: []},
];

for (const {content, count, lines} of tails) {
  test(`the last ${count} lines of ${JSON.stringify(content)} are ${JSON.stringify(lines)}`, async t => {
    const got: string[] = [];

    await readLastLines(openLog(t, content), count, line => got.push(line));

    t.deepEqual(got, lines);
  });
}

test('the last lines of a long file are read from its end, letters of several bytes whole', async t => {
  const all = Array.from({length: 20_000}, (_, index) => `líne ${index} é漢`);
  const got: string[] = [];

  await readLastLines(openLog(t, `${all.join('\n')}\n`), 12_000, line => got.push(line));

  t.deepEqual(got, all.slice(-12_000));
});

test('following goes on with what is written later, line by line', async t => {
  const file = openLog(t, 'a\nb\n');
  const {lines, saw} = follow(t, file, 1);
  await saw('b');

  appendFileSync(file, 'half');
  appendFileSync(file, ' a line\nc\n');
  await saw('c');

  t.deepEqual(lines, ['b', 'half a line', 'c']);
});

test('following survives a rotation by renaming, and misses nothing', async t => {
  const file = openLog(t, 'a\n');
  const {lines, saw} = follow(t, file, 1);
  await saw('a');

  appendFileSync(file, 'last of the old\n');
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'first of the new\n');
  await saw('first of the new');

  t.deepEqual(lines, ['a', 'last of the old', 'first of the new']);
});

test('following survives a rotation by cutting short', async t => {
  const file = openLog(t, 'a long first line\n');
  const {lines, saw} = follow(t, file, 1);
  await saw('a long first line');

  truncateSync(file, 0);
  appendFileSync(file, 'b\n');
  await saw('b');

  t.deepEqual(lines, ['a long first line', 'b']);
});
