import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import test, {type TestFn} from 'ava';

/** Namespaces take root, and keepalived must be there. */
const onStage = (process.getuid?.() === 0 && existsSync('/usr/sbin/keepalived') ? test : test.skip) as TestFn;
const program = fileURLToPath(new URL('../src/main.js', import.meta.url));

const left = (): string[] =>
  existsSync('/run/netns') ? readdirSync('/run/netns').filter(name => name.startsWith('taco-bench-failover')) : [];

const start = (...words: readonly string[]) => {
  const child = spawn(process.execPath, [program, 'failover', ...words], {stdio: ['ignore', 'pipe', 'inherit']});
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return {child, ended: once(child, 'close').then(([code]) => ({code: code as number, text}))};
};

onStage.serial('two keepalived fail over, and the gap is about as long as three adverts', async t => {
  const {code, text} = await start('--cases', 'keepalived-50ms', '--runs', '2', '--json').ended;

  t.is(code, 0);
  const {bench, cases} = JSON.parse(text) as {bench: string; cases: Record<string, {gapMs: number[]; lost: number[]}>};
  t.is(bench, 'failover');
  const {gapMs = [], lost} = cases['keepalived-50ms'] ?? {};
  t.is(gapMs.length, 2);
  t.true(gapMs.every(gap => gap > 50));
  t.true(lost?.every(count => count > 0));
  t.deepEqual(left(), []);
});

onStage.serial('nothing is left when somebody ends it in the middle', async t => {
  const {child, ended} = start('--cases', 'keepalived-50ms', '--runs', '100');
  while (left().length < 5) {
    await pause(50);
  }

  child.kill('SIGINT');

  t.is((await ended).code, 130);
  t.deepEqual(left(), []);
});
