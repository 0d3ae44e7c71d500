import {type ChildProcessByStdio, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import type {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {findPlace} from '../src/group.ts';

const main = resolve(import.meta.dirname, '../src/main.js');
const mayBeRealTime = spawnSync('chrt', ['--rr', '10', 'true']).status === 0; // Root may, but for some containers
const waitMs = 30_000;
const stepMs = 20;

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number;
}

type Running = ChildProcessByStdio<null, Readable, Readable>;

function start(...words: string[]): Running {
  return spawn(process.execPath, [main, ...words], {stdio: ['ignore', 'pipe', 'pipe']});
}

async function end(child: Running): Promise<Said> {
  const [[code], stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  return {code: code as number | null, stdout, stderr, pid: child.pid!};
}

async function slow(...words: string[]): Promise<Said> {
  return await end(start(...words));
}

/** CPUs that were used, as the kernel's groups counted them. */
function usedCpus(t: ExecutionContext, {stderr}: Said): number {
  t.regex(
    stderr,
    /^slow: [\d.]+ CPU seconds in [\d.]+ s: [\d.]+ CPUs, of [\d.]+ on CPUs? [\d, ]+; throttled in \d+ % of \d+ periods\n$/,
  );
  return Number(/: ([\d.]+) CPUs/.exec(stderr)?.[1]);
}

function assertGone(t: ExecutionContext, {pid}: Said): void {
  const {place} = findPlace();
  const parents = place.version === 1 ? [place.cpu, place.cpuacct, place.cpuset?.folder] : [place.folder];
  for (const parent of parents) {
    t.false(existsSync(`${parent}/tacoplex-slow-${pid}`), parent);
  }
}

/** A killed process is gone, or waits for a parent that never asks. */
async function assertEnded(t: ExecutionContext, pid: number): Promise<void> {
  const state = (): string => spawnSync('ps', ['-o', 'state=', '-p', `${pid}`], {encoding: 'utf8'}).stdout.trim();
  const deadline = performance.now() + waitMs;
  while (!['', 'Z'].includes(state()) && performance.now() < deadline) {
    await sleep(stepMs);
  }

  t.true(['', 'Z'].includes(state()), `process ${pid} is in state ${state()}`);
}

const spin = 'timeout 3 sh -c "while :; do :; done"';

test.serial('what it starts shares the quota, also what leaves its session, and nothing of it is left', async t => {
  const said = await slow(
    '0.5',
    'bash',
    '-c',
    `${spin} & ${spin} & setsid sh -c 'while :; do :; done' & echo $!; sleep 3`,
  );
  const used = usedCpus(t, said);
  t.true(used > 0.1 && used < 0.65, said.stderr);
  t.is(said.code, 0);
  const left = Number(said.stdout);
  t.true(left > 1);
  await assertEnded(t, left);
  assertGone(t, said);
});

test.serial('real-time threads too stay within the CPUs of the quota', async t => {
  const chrt = mayBeRealTime ? 'chrt --rr 10' : '';
  const said = await slow('0.5', 'bash', '-c', `${chrt} ${spin} & ${chrt} ${spin} & ${spin} & wait`);
  const used = usedCpus(t, said);
  t.true(used > 0.1 && used < 1.1, said.stderr);
  t.is(said.code, 0);
  assertGone(t, said);
});

test.serial('a smaller quota fits in a quota', async t => {
  const said = await slow('0.5', process.execPath, main, '0.2', 'sh', '-c', spin);
  const [inner, outer] = said.stderr.split('\n').map(line => Number(/: ([\d.]+) CPUs/.exec(line)?.[1]));
  t.true(inner! > 0.02 && inner! < 0.3, said.stderr);
  t.true(outer! < 0.65, said.stderr);
  assertGone(t, said);
});

test.serial('the command gets its own options, and its output and exit code are passed on', async t => {
  const said = await slow('1.0', 'sh', '-c', 'echo "$@"; exit 7', 'sh', '--', '--json', '--help');
  t.is(said.stdout, '-- --json --help\n');
  t.is(said.code, 7);
  t.is((await slow('1.0', 'sh', '-c', 'kill -KILL $$')).code, 137);
  const missing = await slow('1.0', 'no-such-command');
  t.is(missing.code, 127);
  t.regex(missing.stderr, /no-such-command: not found/);
  assertGone(t, missing);
});

test.serial('a signal goes to the command, then all of it goes', async t => {
  const child = start('1.0', 'bash', '-c', 'trap "echo caught; exit 3" TERM; setsid sleep 1000 & echo $!; wait');
  const [left] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  child.kill('SIGTERM');
  const said = await end(child);
  t.is(said.stdout, 'caught\n');
  t.is(said.code, 3);
  await assertEnded(t, Number(left));
  assertGone(t, said);
});

test.serial('what is not understood is one line, and exit code 2', async t => {
  const said = await slow('99999', 'true');
  t.is(said.code, 2);
  t.regex(said.stderr, /^slow: 99999: QUOTA is a number of CPUs from .*\n$/);
});
