/**
 * workspace - keep the packages' settings true.
 *
 * usage: workspace sync     write every tsconfig.json from the package.json files, and what documents take from the code
 *        workspace check    exit 1 if one is stale, or a package imports across a wall
 */
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {writeDocuments} from './documents.ts';
import {readProjects} from './projects.ts';
import {findTrespassers} from './rooms.ts';
import {writeTsconfigs} from './tsconfigs.ts';

const root = resolve(import.meta.dirname, '../../../..');
const projects = readProjects(root);
const stale = [...writeTsconfigs(projects), ...writeDocuments(root, projects)].filter(
  ([path, content]) => read(path) !== content,
);

switch (process.argv[2]) {
  case 'sync':
    for (const [path, content] of stale) {
      mkdirSync(dirname(join(root, path)), {recursive: true});
      writeFileSync(join(root, path), content);
      console.log(`wrote ${path}`);
    }
    break;
  case 'check': {
    const faults = [
      ...stale.map(([path]) => `${path}: stale; run: npm run sync`),
      ...findTrespassers(projects),
      ...findUnguarded(),
    ];
    for (const fault of faults) {
      console.error(fault);
    }
    process.exitCode = faults.length > 0 ? 1 : 0;
    break;
  }
  default:
    console.error('usage: workspace sync|check');
    process.exitCode = 2;
}

/** Pure packages that the linter does not know to be pure: it names them one by one in biome.json. */
function findUnguarded(): string[] {
  const settings = read('biome.json') ?? '';
  return projects
    .filter(({room, folder}) => room === 'pure' && !settings.includes(`"${folder}/src/**"`))
    .map(({folder}) => `biome.json: the override of the pure rooms must include "${folder}/src/**"`);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}
