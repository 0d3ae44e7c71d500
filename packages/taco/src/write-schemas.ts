/**
 * write-schemas - write docs/schema from the schemas of taco's documents.
 *
 * usage: node packages/taco/dist/src/write-schemas.js
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {schemaFiles} from './schema-files.ts';

const folder = resolve(import.meta.dirname, '../../../../docs/schema');
mkdirSync(folder, {recursive: true});
for (const [name, content] of schemaFiles()) {
  writeFileSync(join(folder, name), content);
}
