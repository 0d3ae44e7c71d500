import {closeSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {attachTc, type BpfMap, BpfObject, interfaceIndex, openMap, withinNetwork} from '@tacoplex/kernel';
import type {Host, Link} from './plan.ts';

/** What `tools/build-bpf.sh` makes of `bpf/power.bpf.c`. */
const programFile = fileURLToPath(new URL('../bpf/power.bpf.o', import.meta.url));

/** As `bpf/power.bpf.c` declares the map `dead`. */
const deadShape = {name: 'dead', valueBytes: 4, entries: 32};

const allCables = 0xffff_ffff;

/** Which entry of which map has the dead cables of a host. */
type Switch = {readonly map: number; readonly key: number};
type Switches = Readonly<Record<string, Switch>>;

/**
 * Put a switch into the cables of some hosts, at the bridges' ends. It lasts as long as the cables.
 *
 * @param folder the laboratory's, where other processes find the switches
 * @throws WorldError KERNEL_REFUSED
 */
export function fitSwitches(folder: string, wireNamespace: string, hosts: readonly Host[]): void {
  const object = new BpfObject(programFile, {programs: ['power']});
  try {
    const [program, cables, map] = [object.program('power'), object.map('cables'), object.map('dead').id];
    withinNetwork(`/run/netns/${wireNamespace}`, () => {
      for (const [key, {links}] of hosts.entries()) {
        for (const [number, {port}] of links.entries()) {
          const target = {name: port, index: interfaceIndex(port)};
          cables.set(target.index, new Uint8Array(Uint32Array.of(key, 2 ** number).buffer));
          attachTc(program, target, 'ingress');
          attachTc(program, target, 'egress');
        }
      }
    });
    const fitted = Object.fromEntries(hosts.map(({name}, key) => [name, {map, key}]));
    writeSwitches(folder, {...readSwitches(folder), ...fitted});
  } finally {
    object.close();
  }
}

/** The switches in the cables of a laboratory. While one is off no frame passes the cable, in neither direction. */
export class Cables {
  readonly #folder: string;
  readonly #open = new Map<number, BpfMap>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Cut all cables of a host by one write. @throws WorldError KERNEL_REFUSED */
  cutAll({name}: Host): void {
    this.#write(name, () => allCables);
  }

  /** @throws WorldError KERNEL_REFUSED */
  cut({name, links}: Host, link: Link): void {
    this.#write(name, dead => dead | bitOf(links, link));
  }

  /** @throws WorldError KERNEL_REFUSED */
  mend({name, links}: Host, link: Link): void {
    this.#write(name, dead => dead & ~bitOf(links, link));
  }

  /** @throws WorldError KERNEL_REFUSED */
  mendAll({name}: Host): void {
    this.#write(name, () => 0);
  }

  /** Forget the maps. Harmless the second time. */
  close(): void {
    for (const {descriptor} of this.#open.values()) {
      closeSync(descriptor);
    }
    this.#open.clear();
  }

  #write(host: string, change: (dead: number) => number): void {
    const {map: id, key} = readSwitches(this.#folder)[host]!;
    const map = this.#open.get(id) ?? openMap(id, deadShape);
    this.#open.set(id, map);
    const value = new Uint32Array(1);
    const bytes = new Uint8Array(value.buffer);
    map.read(key, bytes);
    value[0] = change(value[0]!);
    map.set(key, bytes);
  }
}

function bitOf(links: readonly Link[], {name}: Link): number {
  return 2 ** links.findIndex(link => link.name === name);
}

function readSwitches(folder: string): Switches {
  try {
    return JSON.parse(readFileSync(switchesPath(folder), 'utf8')) as Switches;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return {};
    }

    throw error;
  }
}

function writeSwitches(folder: string, switches: Switches): void {
  const path = switchesPath(folder);
  writeFileSync(`${path}.new`, `${JSON.stringify(switches, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

function switchesPath(folder: string): string {
  return join(folder, 'switches.json');
}
