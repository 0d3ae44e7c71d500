import {copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {build} from 'esbuild';
import type {Program} from './programs.ts';

/** Native code finds its own files beside itself; they are loaded from node_modules as ever. */
const external = ['zeromq', 'cap', 'koffi', 'netlink', 'sonic-boom', 'toml-eslint-parser'];

/** What a CommonJS package inside a bundle calls for Node's own modules. */
const requireForPackages =
  "import {createRequire as requireFrom} from 'node:module';\nconst require = requireFrom(import.meta.url);\n";

/**
 * Write `packages/NAME/dist/bundle`: all that a program loads in a few files, with names and lines as they were, and a map to
 * the sources beside each. What is imported when it is needed stays a file of its own.
 *
 * @param root of the project, compiled
 */
export async function bundle(root: string, {name, entries}: Program): Promise<void> {
  const folder = join(root, 'packages', name);
  const outdir = join(folder, 'dist/bundle');
  const {outputFiles} = await build({
    absWorkingDir: root,
    entryPoints: entries.map(entry => join(folder, `dist/src/${entry}.js`)),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external,
    banner: {js: requireForPackages},
    sourcemap: 'linked',
    sourcesContent: false,
    write: false,
    logLevel: 'error',
  });
  rmSync(outdir, {recursive: true, force: true});
  mkdirSync(outdir, {recursive: true});
  for (const {path, contents} of outputFiles) {
    writeFileSync(path, contents);
  }

  prependManual(join(folder, 'src/main.ts'), join(outdir, 'main.js'));
}

/** The head comment is the manual page that `--help` prints: the first of the file. The map learns how many lines it has. */
function prependManual(source: string, program: string): void {
  const [manual = ''] = /\/\*\*\n[\s\S]*?\n \*\//.exec(readFileSync(source, 'utf8')) ?? [];
  const [hashbang = '', ...lines] = readFileSync(program, 'utf8').split('\n');
  writeFileSync(program, [hashbang, manual, ...lines].join('\n'));
  const map = JSON.parse(readFileSync(`${program}.map`, 'utf8')) as {mappings: string};
  const added = ';'.repeat(manual.split('\n').length);
  writeFileSync(`${program}.map`, JSON.stringify({...map, mappings: `${added}${map.mappings}`}));
}

/** The kernel half: the bundles that load it find it as the compiled modules do, in the folder above. */
export function copyObject(object: string, name: string, root: string): void {
  const place = join(root, 'packages', name, 'dist/bpf', basename(object));
  mkdirSync(dirname(place), {recursive: true});
  copyFileSync(object, place);
}
