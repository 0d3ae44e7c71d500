import type {Project} from './projects.ts';

/** The TypeScript settings of the whole workspace: path relative to the root, and content. */
export function writeTsconfigs(projects: readonly Project[]): Map<string, string> {
  const folderOf = new Map(projects.map(({name, folder}) => [name, folder]));
  const files = new Map<string, string>();
  const reference = (from: string, name: string): {path: string} => ({
    path: `${up(from)}${folderOf.get(name) ?? name}`,
  });

  for (const project of projects) {
    const {folder, room, uses, testUses, hasTests} = project;
    files.set(
      `${folder}/tsconfig.json`,
      json({
        extends: `${up(folder)}tsconfig.base.json`,
        compilerOptions: {
          rootDir: '.',
          outDir: 'dist',
          tsBuildInfoFile: 'dist/src.tsbuildinfo',
          // A pure room does not see the world: no timers, no process, no console, no node modules.
          ...(room === 'pure' ? {} : {types: ['node']}),
        },
        include: ['src'],
        references: uses.map(name => reference(folder, name)),
      }),
    );
    if (hasTests) {
      files.set(
        `${folder}/test/tsconfig.json`,
        json({
          extends: `${up(folder)}../tsconfig.base.json`,
          compilerOptions: {
            rootDir: '..',
            outDir: '../dist',
            tsBuildInfoFile: '../dist/test.tsbuildinfo',
            types: ['node'],
          },
          include: ['.'],
          references: [
            {path: '..'},
            ...[...new Set([...uses, ...testUses])].sort().map(name => reference(`${folder}/test`, name)),
          ],
        }),
      );
    }
  }

  files.set(
    'tsconfig.json',
    json({
      files: [],
      references: projects.flatMap(({folder, hasTests}) => [
        {path: folder},
        ...(hasTests ? [{path: `${folder}/test`}] : []),
      ]),
    }),
  );
  return files;
}

function up(folder: string): string {
  return '../'.repeat(folder.split('/').length);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
