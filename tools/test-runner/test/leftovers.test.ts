import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {findLeftovers} from '../src/leftovers.ts';

test('a compiled test without a source is found, wherever it is, and no other', t => {
  const root = mkdtempSync(join(tmpdir(), 'tacoplex-leftovers-'));
  t.teardown(() => rmSync(root, {recursive: true}));
  for (const file of [
    'packages/bus/test/bus.test.ts',
    'packages/bus/dist/test/bus.test.js',
    'packages/bus/dist/test/builders.js',
    'tools/lab/dist/test/deep/old.test.js',
    'e2e/dist/test/renamed.e2e.test.js',
  ]) {
    mkdirSync(join(root, file, '..'), {recursive: true});
    writeFileSync(join(root, file), '');
  }

  t.deepEqual(findLeftovers(root), ['e2e/dist/test/renamed.e2e.test.js', 'tools/lab/dist/test/deep/old.test.js']);
});
