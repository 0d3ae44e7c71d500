import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ConfigError} from '@tacoplex/errors';
import {HandClock} from '@tacoplex/testkit';
import test from 'ava';
import {describePause, pauseAfter, rest} from '../src/pause.ts';

test('what an address may mend is tried again soon, what a person must mend seldom', t => {
  const pauses = [
    new ConfigError('', {code: 'NET_UNMATCHED', net: 'net_a', subnet: '10.0.0.0/24'}),
    new ConfigError('', {code: 'CONFIG_UNREADABLE', file: '/etc/tacoplex/taco.toml'}),
    new ConfigError('', {code: 'KEY_UNUSABLE', file: '/etc/tacoplex/cluster.key'}),
    new ConfigError('', {code: 'USAGE'}),
  ].map(error => describePause(pauseAfter(error)));

  t.deepEqual(pauses, [
    'in 5 s',
    'in 30 s, or when taco.toml changes',
    'in 30 s, or when cluster.key changes',
    'in 30 s',
  ]);
});

test('a corrected file is tried without waiting for the end of the pause', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-pause-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const file = join(folder, 'taco.toml');
  const correcting = setInterval(() => writeFileSync(file, 'right'), 300); // The first may come before it looks
  t.teardown(() => clearInterval(correcting));

  t.is(await rest({ms: 30_000, file}, new HandClock()), 'over', 'and no time has passed');
});

test('a file that nobody touches does not end the pause', async t => {
  const clock = new HandClock();
  const file = '/nowhere/taco.toml';
  const resting = rest({ms: 30_000, file}, clock);

  t.is(await Promise.race([resting, new Promise(resolve => setTimeout(resolve, 2500, 'waiting'))]), 'waiting');
  clock.advance(30_000);
  t.is(await resting, 'over');
});
