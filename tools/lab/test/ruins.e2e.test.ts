import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {resolve} from 'node:path';
import {listLabs, waitFor} from '@tacoplex/lab';
import test from 'ava';

const onOwnNetwork = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root

const program = resolve(import.meta.dirname, '../src/main.js');
const name = `t${process.pid}-ruin`;

const startUp = (): ChildProcess =>
  spawn(process.execPath, [program, 'up', '--name', name, '--bare'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });

const namespaces = (): string[] => {
  try {
    return readdirSync('/run/netns').filter(namespace => namespace.includes(name));
  } catch {
    return [];
  }
};

/** Command lines of the living that name the lab's folder, and mounts below it. */
const traces = (): string[] => {
  const living = readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .map(pid => {
      try {
        readlinkSync(`/proc/${pid}/exe`);
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // Gone, or dead and not yet reaped
      }
    });
  return [...living, ...readFileSync('/proc/self/mountinfo', 'utf8').split('\n')].filter(line =>
    line.includes(`/tacoplex-lab/${name}`),
  );
};

// Namespaces that exist when the build is shot: from none but the folder, over some, to all of them.
for (const count of [0, 1, 5, 9, 10]) {
  onOwnNetwork(`down leaves nothing of a build that was killed at ${count} namespaces`, async t => {
    const build = startUp();
    const ended = once(build, 'exit');
    await waitFor(() => listLabs().includes(name) && namespaces().length >= count, {
      what: `${count} namespaces`,
      everyMs: 1,
    });
    build.kill('SIGKILL');
    await ended;

    const down = spawnSync(process.execPath, [program, 'down', '--name', name], {encoding: 'utf8'});

    t.is(down.status, 0, down.stderr);
    t.deepEqual(namespaces(), []);
    t.deepEqual(traces(), []);
    t.false(listLabs().includes(name));
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  onOwnNetwork(`a build that gets ${signal} leaves nothing behind`, async t => {
    const build = startUp();
    const ended = once(build, 'exit');
    await waitFor(() => namespaces().length > 3, {what: 'namespaces', everyMs: 1});
    build.kill(signal);

    t.deepEqual(await ended, [130, null]);
    t.deepEqual(namespaces(), []);
    t.deepEqual(traces(), []);
    t.false(listLabs().includes(name));
  });
}

onOwnNetwork('down stops a build that is under way', async t => {
  const build = startUp();
  const ended = once(build, 'exit');
  await waitFor(() => namespaces().length > 3, {what: 'namespaces', everyMs: 1});

  const down = spawnSync(process.execPath, [program, 'down', '--name', name], {encoding: 'utf8'});

  t.is(down.status, 0, down.stderr);
  await ended;
  t.deepEqual(namespaces(), []);
  t.deepEqual(traces(), []);
});
