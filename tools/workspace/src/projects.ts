import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';

/** The rooms of ARCHITECTURE.md, as nx tags name them. */
export type Room = 'pure' | 'edge' | 'process' | 'test' | 'tool' | 'stage';

/** One workspace package, as its package.json tells it. */
export type Project = {
  readonly name: string;
  /** Relative to the workspace root, with forward slashes. */
  readonly folder: string;
  readonly room: Room;
  /** Workspace packages that `src` imports, by name, sorted. */
  readonly uses: readonly string[];
  /** Workspace packages that only `test` imports, by name, sorted. */
  readonly testUses: readonly string[];
  readonly hasTests: boolean;
};

type Manifest = {
  readonly name: string;
  readonly nx?: {readonly tags?: readonly string[]};
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};

/**
 * Read every package of the workspace.
 *
 * @param root the folder that holds `packages`, `tools` and `e2e`
 * @throws Error if a package has no `room:` tag
 */
export function readProjects(root: string): Project[] {
  const folders = ['packages', 'tools'].flatMap(parent =>
    readdirSync(join(root, parent), {withFileTypes: true})
      .filter(entry => entry.isDirectory())
      .map(({name}) => `${parent}/${name}`)
      .filter(folder => exists(join(root, folder, 'package.json'))),
  );
  return [...folders, ...(exists(join(root, 'e2e/package.json')) ? ['e2e'] : [])]
    .map(folder => readProject(root, folder))
    .sort((one, other) => one.folder.localeCompare(other.folder));
}

function readProject(root: string, folder: string): Project {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const tag = manifest.nx?.tags?.find(candidate => candidate.startsWith('room:'));
  if (tag === undefined) {
    throw new Error(`${folder}/package.json: nx.tags: needs one tag room:pure|edge|process|test|tool|stage`);
  }

  const ours = (dependencies: Readonly<Record<string, string>> = {}): string[] =>
    Object.keys(dependencies)
      .filter(name => name.startsWith('@tacoplex/'))
      .sort();
  return {
    name: manifest.name,
    folder,
    room: tag.slice('room:'.length) as Room,
    uses: ours(manifest.dependencies),
    testUses: ours(manifest.devDependencies),
    hasTests: exists(join(root, folder, 'test')),
  };
}

function exists(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false}) !== undefined;
}
