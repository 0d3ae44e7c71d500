import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {signalProcess} from './processes.ts';

/** A cgroup that processes of a laboratory are stopped in at once, one below it for each host. */
export type FreezerPlace = {
  /** Of the cgroup hierarchy: 2, or the freezer of version 1. */
  readonly version: 1 | 2;
  readonly folder: string;
};

/** What to write where, and how the file reads while all is still. */
const controls = {
  1: {file: 'freezer.state', freeze: 'FROZEN', thaw: 'THAWED'},
  2: {file: 'cgroup.freeze', freeze: '1', thaw: '0'},
} as const;

/**
 * Where a laboratory's cgroup belongs: below our own, so that limits of ours hold for it too.
 *
 * @param mounts /proc/self/mountinfo
 * @param membership /proc/self/cgroup
 * @returns undefined where neither version is mounted, or our own cgroup is out of sight
 */
export function placeFreezer(lab: string, mounts: string, membership: string): FreezerPlace | undefined {
  for (const version of [2, 1] as const) {
    const mount = findMount(version, mounts);
    const own = findOwn(version, membership);
    if (mount !== undefined && own !== undefined && isBelow(own, mount.root)) {
      const inside = mount.root === '/' ? own : own.slice(mount.root.length);
      return {version, folder: join(mount.place, inside, `tacoplex-lab-${lab}`)};
    }
  }

  return undefined;
}

/** As `placeFreezer`, for this process. */
export function ownFreezerPlace(lab: string): FreezerPlace | undefined {
  return placeFreezer(lab, readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
}

type Mount = {readonly root: string; readonly place: string};

/** See proc_pid_mountinfo(5): number, parent, device, root, place, options, … - type, source, options. */
function findMount(version: 1 | 2, mounts: string): Mount | undefined {
  for (const line of mounts.split('\n')) {
    const [front = '', back = ''] = line.split(' - ');
    const [, , , root = '', place = ''] = front.split(' ');
    const [type, , options = ''] = back.split(' ');
    if (version === 2 ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes('freezer')) {
      return {root, place};
    }
  }

  return undefined;
}

/** See cgroups(7): number:controllers:path. */
function findOwn(version: 1 | 2, membership: string): string | undefined {
  for (const line of membership.split('\n')) {
    const [number, controllers = '', ...path] = line.split(':');
    if (version === 2 ? number === '0' : controllers.split(',').includes('freezer')) {
      return path.join(':');
    }
  }

  return undefined;
}

function isBelow(path: string, root: string): boolean {
  return root === '/' || path === root || path.startsWith(`${root}/`);
}

/** The cgroup of one host. */
export class Freezer {
  readonly #place: FreezerPlace;
  readonly #folder: string;

  /** Makes the cgroup if there is none. @throws what the file system refuses with, as where the laboratory is gone */
  constructor(place: FreezerPlace, host: string) {
    this.#place = place;
    this.#folder = join(place.folder, host);
    if (!existsSync(this.#folder)) {
      mkdirSync(this.#folder);
    }
  }

  /** The words to put before a command that is to live in it, and all that it starts. */
  get enterWords(): string[] {
    return ['sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', this.#folder];
  }

  /** Stop all that lives in it. None of it runs again before `thaw`, real-time threads included. */
  freeze(): void {
    this.#control('freeze');
  }

  thaw(): void {
    this.#control('thaw');
  }

  get isFrozen(): boolean {
    const {file, thaw} = controls[this.#place.version];
    return readFileSync(join(this.#folder, file), 'utf8').trim() !== thaw;
  }

  /** Kill all that lives in it, frozen or not, without a last word. @returns how many there were */
  kill(): number {
    return killAll(this.#place.version, this.#folder);
  }

  #control(what: 'freeze' | 'thaw'): void {
    const control = controls[this.#place.version];
    writeFileSync(join(this.#folder, control.file), control[what]);
  }
}

/** Make a laboratory's cgroup. @returns whether processes can be stopped in it */
export function makeFreezer({version, folder}: FreezerPlace): boolean {
  try {
    mkdirSync(folder, {recursive: true});
    return existsSync(join(folder, controls[version].file));
  } catch {
    return false; // Nobody may write there
  }
}

/**
 * Kill what lives in a laboratory's cgroups, and take those away that are empty.
 *
 * @param spared who is not killed
 * @returns whether there was anything
 */
export function removeFreezer({version, folder}: FreezerPlace, spared: ReadonlySet<number>): boolean {
  if (!existsSync(folder)) {
    return false;
  }

  const hosts = readdirSync(folder, {withFileTypes: true}).filter(entry => entry.isDirectory());
  for (const place of [...hosts.map(({name}) => join(folder, name)), folder]) {
    if (killAll(version, place, spared) === 0) {
      tryToRemove(place);
    }
  }
  return true;
}

function killAll(version: 1 | 2, folder: string, spared: ReadonlySet<number> = new Set()): number {
  const {file, thaw} = controls[version];
  const pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').map(Number).filter(Boolean);
  for (const pid of pids.filter(pid => !spared.has(pid))) {
    signalProcess(pid, 'SIGKILL');
  }
  if (existsSync(join(folder, file))) {
    writeFileSync(join(folder, file), thaw); // Of version 1 what is frozen does not die
  }
  return pids.length;
}

/** What has just died may take a moment. */
function tryToRemove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Seen in the next round
  }
}
