import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';

const parents = ['packages', 'tools'] as const;

/**
 * Compiled tests whose source is gone, or has another name: the compiler leaves them where they are, and ava would run them.
 *
 * @returns their paths, relative to the root
 */
export function findLeftovers(root: string): string[] {
  const folders = ['e2e', ...parents.flatMap(parent => namesIn(root, parent))];
  return folders.flatMap(folder =>
    filesIn(join(root, folder, 'dist/test'))
      .filter(name => name.endsWith('.test.js'))
      .filter(name => !existsSync(join(root, folder, 'test', name.replace(/\.js$/, '.ts'))))
      .map(name => join(folder, 'dist/test', name)),
  );
}

function namesIn(root: string, parent: string): string[] {
  return existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map(name => join(parent, name)) : [];
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, {recursive: true, encoding: 'utf8'}) : [];
}
