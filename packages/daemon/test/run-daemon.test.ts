import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {supervisedVariable} from '../src/pause.ts';

const sample = fileURLToPath(new URL('./sample-daemon.js', import.meta.url));
const example = readFileSync(new URL('../../../../examples/taco.toml', import.meta.url), 'utf8');

type Started = {readonly child: ChildProcess; readonly output: () => string; readonly code: Promise<number | null>};

const start = (t: ExecutionContext, ...words: string[]): Started => startWith(t, process.env, words);

/** As a supervisor of ours starts it. */
const startSupervised = (t: ExecutionContext, ...words: string[]): Started =>
  startWith(t, {...process.env, [supervisedVariable]: 'yes'}, words);

const startWith = (t: ExecutionContext, env: NodeJS.ProcessEnv, words: readonly string[]): Started => {
  const child = spawn(process.execPath, [sample, ...words], {env});
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', data => {
    text += String(data);
  });
  child.stderr.on('data', data => {
    text += String(data);
  });
  return {child, output: () => text, code: once(child, 'close').then(([code]) => code as number | null)};
};

const configIn = (t: ExecutionContext, change = (text: string): string => text): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-daemon-'));
  t.teardown(() => rmSync(folder, {recursive: true, force: true}));
  const file = join(folder, 'taco.toml');
  writeFileSync(file, change(`${example}\n[paths]\nrun = "${folder}"\n`));
  return file;
};

const until = async (started: Started, words: string): Promise<void> => {
  while (!started.output().includes(words)) {
    await once(started.child.stderr!, 'data');
  }
};

test('a process starts, and stops in order when asked to', async t => {
  const started = start(t, '-f', configIn(t));
  await until(started, 'started');

  started.child.kill('SIGTERM');

  t.is(await started.code, 0);
  t.regex(started.output(), /notice: started version=0\.1\.0.*\n.*info: giving all back\n.*notice: stopped\n$/);
});

test('one that cannot go on ends with its reason, and is not stopped as if asked to', async t => {
  const started = start(t, '-f', configIn(t));
  await until(started, 'started');

  started.child.kill('SIGUSR2');

  t.is(await started.code, 1);
  t.regex(started.output(), /fatal: cannot go on code=ALREADY_RUNNING reason="another has taken its place"\n$/);
  t.notRegex(started.output(), /giving all back/);
});

test('a second one is refused and leaves the first alone', async t => {
  const file = configIn(t);
  const first = start(t, '-f', file);
  await until(first, 'started');

  const second = start(t, '-f', file);

  t.is(await second.code, 1);
  t.regex(second.output(), /fatal: cannot go on code=ALREADY_RUNNING reason="another admin-broker is running here/);
  t.is(first.child.exitCode, null);
});

test('one killed without warning is no obstacle to the next', async t => {
  const file = configIn(t);
  const first = start(t, '-f', file);
  await until(first, 'started');
  first.child.kill('SIGKILL');
  await first.code;

  await until(start(t, '-f', file), 'started');

  t.is(first.child.signalCode, 'SIGKILL');
});

test('-n checks the config and starts nothing', async t => {
  const good = start(t, '-n', '-f', configIn(t));
  const bad = start(
    t,
    '-n',
    '-f',
    configIn(t, text => text.replace('dwell_s', 'dwell')),
  );

  t.is(await good.code, 0);
  t.regex(good.output(), /^\S+Z admin-broker: notice: config is good file=\S+\n$/);
  t.is(await bad.code, 2);
  t.regex(bad.output(), /^\S+Z admin-broker: fatal: cannot go on code=CONFIG_INVALID reason="taco\.toml:21: .*"\n$/);
});

for (const [what, extra] of [
  ['brackets deeper than a stack', `levels = ${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['a NUL character in a path', 'log = "/var/log/\\u0000"'],
  ['__proto__', '__proto__ = {run = "/"}'],
] as const) {
  test(`${what} in the config end in one line and no stack`, async t => {
    const refused = start(
      t,
      '-f',
      configIn(t, text => `${text}${extra}\n`),
    );

    t.is(await refused.code, 2);
    t.regex(
      refused.output(),
      /^\S+Z admin-broker: fatal: cannot go on code=CONFIG_INVALID reason="taco\.toml:\d+: .*"\n$/,
    );
  });
}

test('a config that begins with a byte order mark is good', async t => {
  const started = start(
    t,
    '-n',
    '-f',
    configIn(t, text => `\uFEFF${text}`),
  );

  t.is(await started.code, 0);
  t.regex(started.output(), /notice: config is good/);
});

const misspell = (text: string): string => text.replace('dwell_s', 'dwell');

test('under a supervisor one with a wrong config waits before it ends, and a signal ends the wait', async t => {
  const waiting = startSupervised(t, '-f', configIn(t, misspell));
  await until(waiting, 'again="in 30 s, or when taco.toml changes"');
  t.is(await start(t, '-f', configIn(t, misspell)).code, 2);
  t.is(waiting.child.exitCode, null, 'another one has been through all of it meanwhile');

  waiting.child.kill('SIGTERM');

  t.is(await waiting.code, 0);
});

test('-n does not wait, whoever starts it', async t => {
  const refused = startSupervised(t, '-n', '-f', configIn(t, misspell));

  t.is(await refused.code, 2);
  t.notRegex(refused.output(), /again=/);
});

test('help is the head comment and the options', async t => {
  const started = start(t, '--help');

  t.is(await started.code, 0);
  t.regex(started.output(), /^admin-broker - a stand-in that starts/);
  t.regex(started.output(), /-n, --check/);
});

test('an unknown option is told with where to look', async t => {
  const started = start(t, '--frobnicate');

  t.is(await started.code, 2);
  t.regex(started.output(), /Unknown option '--frobnicate'; see admin-broker --help/);
});
