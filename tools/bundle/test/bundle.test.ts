import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import test from 'ava';
import {programs} from '../src/programs.ts';

const root = resolve(import.meta.dirname, '../../../..');
const fileOf = (name: string, entry = 'main'): string => join(root, 'packages', name, 'dist/bundle', `${entry}.js`);

for (const {name, entries} of programs) {
  test(`${name} starts from its bundle, and tells its version and its manual page`, t => {
    for (const entry of entries) {
      t.true(existsSync(fileOf(name, entry)), entry);
    }

    t.regex(execFileSync(process.execPath, [fileOf(name), '--version'], {encoding: 'utf8'}), /\d+\.\d+\.\d+/);
    t.regex(execFileSync(process.execPath, [fileOf(name), '--help'], {encoding: 'utf8'}), new RegExp(`${name}`));
  });
}

test('the map of a bundle leads to the sources, behind the manual page too', t => {
  const file = fileOf('elector');
  const at = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex(line => /^var Elector = class/.test(line));
  t.true(at > 0);
  const script = `
    import {readFileSync} from 'node:fs';
    import {SourceMap} from 'node:module';
    const map = new SourceMap(JSON.parse(readFileSync(${JSON.stringify(`${file}.map`)}, 'utf8')));
    console.log(map.findEntry(${at}, 6).originalSource);`;
  const {stdout} = spawnSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'});
  t.regex(stdout, /^\.\.\/\.\.\/src\/elector\.ts$/m);
});

test('the frame-forwarder finds the kernel half beside its bundle', t => {
  t.true(existsSync(join(root, 'packages/frame-forwarder/dist/bpf/forwarder.bpf.o')));
});
