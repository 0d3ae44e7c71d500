/**
 * units - write the supervisor configurations from the table of processes.
 *
 * usage: units write    write every file under deploy/
 *        units check    exit 1 and name the files that are stale
 */
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {writeFiles} from './files.ts';
import {processUnits} from './table.ts';

const deploy = resolve(import.meta.dirname, '../../../../deploy');
const files = writeFiles(processUnits);
const stale = [...files].filter(([path, content]) => read(path) !== content).map(([path]) => path);
const orphans = present().filter(path => !files.has(path));

switch (process.argv[2]) {
  case 'write':
    for (const path of stale) {
      mkdirSync(dirname(join(deploy, path)), {recursive: true});
      writeFileSync(join(deploy, path), files.get(path) ?? '');
      console.log(`wrote deploy/${path}`);
    }
    for (const path of orphans) {
      rmSync(join(deploy, path));
      console.log(`removed deploy/${path}`);
    }
    break;
  case 'check':
    for (const path of [...stale, ...orphans]) {
      console.error(`deploy/${path}: stale; run: node tools/units/dist/src/main.js write`);
    }
    process.exitCode = stale.length + orphans.length > 0 ? 1 : 0;
    break;
  default:
    console.error('usage: units write|check');
    process.exitCode = 2;
}

/** Generated files that are there now: those of processes that left the table too. */
function present(): string[] {
  return ['supervisord', 'systemd'].flatMap(folder => {
    try {
      return readdirSync(join(deploy, folder), {recursive: true, withFileTypes: true})
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name).slice(deploy.length + 1));
    } catch {
      return [];
    }
  });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(deploy, path), 'utf8');
  } catch {
    return undefined;
  }
}
