import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {inRealTime} from '@tacoplex/lab';
import test from 'ava';

const asRoot = process.getuid?.() === 0 ? test : test.skip; // Real time is for root

/** Makes garbage, some of it of Node's own, and says which part of its time it has computed. */
const program = `
import {createServer, get} from 'node:http';
const server = createServer((_, answer) => answer.end('x')).listen(0, '127.0.0.1', () => {
  const {port} = server.address();
  setInterval(() => get({port, host: '127.0.0.1', agent: false}, answer => answer.resume()), 20);
  setInterval(() => Array.from({length: 50_000}, (_, index) => ({index})), 50);
  setTimeout(() => {
    const {user, system} = process.cpuUsage();
    console.log((user + system) / 1000 / performance.now());
    process.exit(0);
  }, 8000);
});`;

/** Whoever runs the tests may have been given some of the processors alone. */
const firstAllowedCpu = (): string =>
  /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';

asRoot('a program in real time leaves others their part of the only processor, whatever garbage it makes', t => {
  const folder = mkdtempSync(join(tmpdir(), 'real-time-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);

  const {stdout, stderr} = spawnSync('taskset', ['--cpu-list', firstAllowedCpu(), ...inRealTime(30, file, [])], {
    encoding: 'utf8',
  });

  t.is(stderr, '');
  t.true(Number(stdout) > 0 && Number(stdout) < 0.6, stdout);
});
