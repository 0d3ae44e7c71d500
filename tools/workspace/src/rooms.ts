import type {Project, Room} from './projects.ts';

/** Which rooms the `src` of a room may import. The picture is in ARCHITECTURE.md. */
export const mayImport: Readonly<Record<Room, readonly Room[]>> = {
  pure: ['pure'],
  edge: ['pure', 'edge'],
  process: ['pure', 'edge'],
  test: ['pure', 'edge', 'test'],
  tool: ['pure', 'edge', 'test', 'tool'],
  stage: ['pure', 'edge', 'test', 'tool'],
};

/** One line for each dependency that crosses a wall; none when the rooms are in order. */
export function findTrespassers(projects: readonly Project[]): string[] {
  const byName = new Map(projects.map(project => [project.name, project]));
  return projects.flatMap(({folder, room, uses, testUses}) => {
    const check = (names: readonly string[], rooms: readonly Room[], what: string): string[] =>
      names.flatMap(name => {
        const used = byName.get(name);
        if (used === undefined) {
          return [`${folder}: ${what}: ${name} is no package of this workspace`];
        }

        return rooms.includes(used.room)
          ? []
          : [`${folder}: ${what}: a room:${room} may not import ${name} (room:${used.room})`];
      });
    return [
      ...check(uses, mayImport[room], 'dependencies'),
      ...check(testUses, [...mayImport[room], 'test'], 'devDependencies'),
    ];
  });
}
