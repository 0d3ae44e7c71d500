/** Where the kernel shows this process's control groups, as absolute folders. */
export type Hierarchies =
  | {
      readonly version: 1;
      readonly cpu: string;
      /** Missing where that controller is not mounted. */
      readonly cpuacct: string | undefined;
      readonly cpuset: string | undefined;
    }
  | {
      readonly version: 2;
      /** This process's group, and those above it, up to where the file system is mounted. */
      readonly groups: readonly string[];
    };

interface Mount {
  readonly root: string;
  readonly folder: string;
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * Version 1 where it has the cpu controller: the same controller is then missing from version 2, though that may be mounted.
 *
 * @param mountinfo text of `/proc/self/mountinfo`
 * @param ownGroups text of `/proc/self/cgroup`
 * @returns undefined if no control groups are mounted
 */
export function findHierarchies(mountinfo: string, ownGroups: string): Hierarchies | undefined {
  const mounts = mountinfo
    .split('\n')
    .map(parseMount)
    .filter(mount => mount !== undefined);
  const groups = ownGroups.split('\n').map(line => {
    const [, controllers = '', ...path] = line.split(':');
    return {controllers: controllers.split(','), path: path.join(':')};
  });
  const find = (type: string, controller: string): {mount: Mount; folder: string} | undefined => {
    const mount = mounts.find(each => each.type === type && (controller === '' || each.options.includes(controller)));
    const group = groups.find(({controllers, path}) => path !== '' && controllers.includes(controller));
    return mount === undefined ? undefined : {mount, folder: within(mount, group?.path ?? '/')};
  };

  const cpu = find('cgroup', 'cpu');
  if (cpu !== undefined) {
    return {
      version: 1,
      cpu: cpu.folder,
      cpuacct: find('cgroup', 'cpuacct')?.folder,
      cpuset: find('cgroup', 'cpuset')?.folder,
    };
  }

  const unified = find('cgroup2', '');
  return unified && {version: 2, groups: upwards(unified.folder, unified.mount.folder)};
}

/** What a group of version 2 says of itself. */
export interface Level {
  readonly folder: string;
  /** Of `cgroup.controllers`: what it could hand on. */
  readonly controllers: readonly string[];
  /** Of `cgroup.subtree_control`: what it hands on. */
  readonly enabled: readonly string[];
  /** The kernel lets a group that holds processes hand nothing on, but for the very first one. */
  readonly mayEnable: boolean;
}

/**
 * The group that the command's group is made in: the nearest one that can hand the cpu controller on.
 *
 * @param levels from this process's group upwards
 * @returns also what must be written to its `cgroup.subtree_control`; undefined if there is none
 */
export function chooseParent(
  levels: readonly Level[],
): {readonly folder: string; readonly enable: string; readonly hasCpuset: boolean} | undefined {
  const wanted = ['cpu', 'cpuset'];
  for (const {folder, controllers, enabled, mayEnable} of levels) {
    const has = (name: string): boolean => enabled.includes(name) || (mayEnable && controllers.includes(name));
    if (has('cpu')) {
      const missing = wanted.filter(name => has(name) && !enabled.includes(name));
      return {folder, enable: missing.map(name => `+${name}`).join(' '), hasCpuset: has('cpuset')};
    }
  }

  return undefined;
}

/** Fields as in proc(5): `36 35 98:0 ROOT FOLDER options optional… - TYPE source OPTIONS`. */
function parseMount(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root, folder] = before.split(' ');
  const [type, , options = ''] = after.split(' ');
  return root === undefined || folder === undefined || type === undefined
    ? undefined
    : {root: unescapeBlanks(root), folder: unescapeBlanks(folder), type, options: options.split(',')};
}

/** Blanks are octal there. */
function unescapeBlanks(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Where a group is to be seen: a container may see a part of the tree alone, and a path from above it. */
function within({root, folder}: Mount, path: string): string {
  const prefix = root === '/' ? '' : root;
  const isInside = path === prefix || path.startsWith(`${prefix}/`);
  const rest = isInside && !path.split('/').includes('..') ? path.slice(prefix.length) : '';
  return rest === '' || rest === '/' ? folder : folder + rest;
}

function upwards(folder: string, top: string): string[] {
  const folders = [folder];
  for (let each = folder; each !== top && each.length > top.length; ) {
    each = each.slice(0, each.lastIndexOf('/'));
    folders.push(each);
  }

  return folders;
}
