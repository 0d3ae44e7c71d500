import {execFileSync} from 'node:child_process';
import {closeSync, constants, mkdtempSync, openSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {waitReadable} from '../src/machine.ts';

const openPipe = (): {readonly descriptor: number; readonly close: () => void} => {
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-wait-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return {
    descriptor,
    close: () => {
      closeSync(descriptor);
      rmSync(folder, {recursive: true});
    },
  };
};

test('waiting ends as soon as there is something to read', async t => {
  const {descriptor, close} = openPipe();
  t.teardown(close);
  let isOver = false;
  const waiting = waitReadable(descriptor, 60_000).then(() => {
    isOver = true;
  });
  await new Promise(resolve => {
    setImmediate(resolve);
  });
  t.false(isOver);
  writeSync(descriptor, 'x');
  await waiting;
  t.true(isOver);
});

test('waiting ends when the time is over, and for what is not open', async t => {
  const {descriptor, close} = openPipe();
  t.teardown(close);
  await waitReadable(descriptor, 1);
  await waitReadable(9999, 60_000);
  t.pass();
});
