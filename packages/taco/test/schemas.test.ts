import {readdirSync, readFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import test from 'ava';
import {schemaFiles} from '../src/schema-files.ts';

const folder = resolve(import.meta.dirname, '../../../../docs/schema');

test('docs/schema has a schema for each document and no other', t => {
  t.deepEqual(
    readdirSync(folder)
      .filter(name => name.startsWith('taco-'))
      .sort(),
    [...schemaFiles().keys()].sort(),
  );
});

for (const [name, content] of schemaFiles()) {
  test(`docs/schema/${name} is that of the code; if not, run: node packages/taco/dist/src/write-schemas.js`, t => {
    t.is(readFileSync(join(folder, name), 'utf8'), content);
  });
}
