import {mkdtempSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import test from 'ava';
import {checkBpffs, listPins, makePinFolder, removePinFolder} from '../src/index.ts';

test('where no BPF file system is mounted nothing is made, and the message says what to type', t => {
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-'));
  t.teardown(() => rmdirSync(folder));

  for (const attempt of [() => checkBpffs(folder), () => makePinFolder(folder, `${folder}/a/b`)]) {
    const error = t.throws(attempt, {instanceOf: WorldError});
    t.is(error?.message, `${folder}: no BPF file system is mounted there; type: mount -t bpf bpf ${folder}`);
  }

  t.deepEqual(listPins(folder), []);
});

test('a folder that is not there has no BPF file system, no pins, and need not be removed', t => {
  t.throws(() => checkBpffs('/nowhere/at/all'), {instanceOf: WorldError});
  t.deepEqual(listPins('/nowhere/at/all'), []);
  t.notThrows(() => removePinFolder('/nowhere/at/all'));
});
