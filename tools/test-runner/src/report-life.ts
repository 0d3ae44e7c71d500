/**
 * Loaded by ava into the process of each test file, before the file: tells the test runner that the file began and that it
 * ended. ava's TAP says neither, so that nobody would know which file hangs, nor what each costs where two run at a time.
 */
import {appendFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {type Life, livesVariable} from './lives.ts';

const report = process.env[livesVariable];
if (report !== undefined) {
  const file = fileURLToPath(test.meta.file);
  const say = (life: Life): void => appendFileSync(report, `${JSON.stringify(life)}\n`);
  const beganMs = performance.timeOrigin;
  say({file, pid: process.pid, beganMs});
  process.on('exit', () => {
    const {user, system} = process.cpuUsage();
    say({file, pid: process.pid, beganMs, endedMs: Date.now(), cpuMs: (user + system) / 1000});
  });
}
