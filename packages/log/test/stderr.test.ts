import {execFileSync} from 'node:child_process';
import {closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';

const writer = `
  import {openStderr} from ${JSON.stringify(new URL('../src/index.js', import.meta.url).href)};
  const stderr = openStderr();
  stderr.write('elector: notice: started');
  await stderr.close();
`;

/** What a process writes into a file, which it may take for the journal's stream. */
const written = (
  t: ExecutionContext,
  journalOf: (stream: {dev: bigint; ino: bigint}) => string | undefined,
): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-log-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const file = join(folder, 'elector.log');
  const descriptor = openSync(file, 'a');
  const {JOURNAL_STREAM: _inherited, ...others} = process.env;
  const journal = journalOf(fstatSync(descriptor, {bigint: true}));
  execFileSync(process.execPath, ['--input-type=module', '-e', writer], {
    stdio: ['ignore', 'ignore', descriptor],
    env: journal === undefined ? others : {...others, JOURNAL_STREAM: journal},
  });
  closeSync(descriptor);
  return readFileSync(file, 'utf8');
};

const timed = /^\d{4}-\d\d-\d\dT[\d:.]+Z elector: notice: started\n$/;

test('lines begin with their time', t => {
  t.regex(
    written(t, () => undefined),
    timed,
  );
});

test('what the journal reads has no time of its own', t => {
  t.is(
    written(t, ({dev, ino}) => `${dev}:${ino}`),
    'elector: notice: started\n',
  );
});

test('who has inherited the name of another stream writes the time', t => {
  t.regex(
    written(t, ({dev, ino}) => `${dev}:${ino + 1n}`),
    timed,
  );
  t.regex(
    written(t, ({dev, ino}) => `${dev + 1n}:${ino}`), // Inodes count on each device alone
    timed,
  );
  t.regex(
    written(t, () => ''),
    timed,
  );
});
