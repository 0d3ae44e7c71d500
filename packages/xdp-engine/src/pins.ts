import {listPins, removePinFolder} from '@tacoplex/kernel';
import {xdpLayout} from './layout.ts';

/**
 * Maps that a successor adopts. `ways_out` is none: the kernel adds a flag of its own to device maps, and libbpf before 1.4
 * does not know them again.
 */
export const pinnedMaps = ['control', 'images', 'bins', 'counters', 'fragments', 'held'] as const;

const mapsPrefix = 'maps-';

/**
 * What outlives the process, by net A's interface:
 *
 *     /sys/fs/bpf/tacoplex/eth0/link            the attached program
 *     /sys/fs/bpf/tacoplex/eth0/maps-1/control  and the other maps, by layout
 */
export type Pins = {readonly bpffs: string; readonly folder: string; readonly link: string; readonly maps: string};

/** A BPF file system wants no dots in names, interfaces of VLANs have one, and no interface has a colon. */
export function pinsOf(bpffs: string, interfaceName: string): Pins {
  const folder = `${rootOf(bpffs)}/${interfaceName.replaceAll('.', ':')}`;
  return {bpffs, folder, link: `${folder}/link`, maps: `${folder}/${mapsPrefix}${xdpLayout}`};
}

/** The interfaces that anything is pinned for. */
export function listInterfaces(bpffs: string): string[] {
  return listPins(rootOf(bpffs)).map(folder => folder.replaceAll(':', '.'));
}

/** Remove the folder above those of the interfaces, if none is left in it. */
export function removeRoot(bpffs: string): void {
  if (listPins(rootOf(bpffs)).length === 0) {
    removePinFolder(rootOf(bpffs));
  }
}

function rootOf(bpffs: string): string {
  return `${bpffs}/tacoplex`;
}

/** Whether a predecessor has left maps of our layout. */
export function hasMaps({maps}: Pins): boolean {
  return listPins(maps).length > 0;
}

/** Whether a predecessor forwards, or did, by maps of another layout. */
export function hasOldMaps(pins: Pins): boolean {
  return oldMaps(pins).length > 0;
}

/** Where the lease of predecessors with other layouts is. */
export function pinnedOldControls(pins: Pins): string[] {
  return oldMaps(pins).flatMap(controlIn);
}

/** Where leases are, of every layout. */
export function pinnedControls(pins: Pins): string[] {
  return [pins.maps, ...oldMaps(pins)].flatMap(controlIn);
}

function controlIn(folder: string): string[] {
  return listPins(folder).includes('control') ? [`${folder}/control`] : [];
}

/** Remove the maps of predecessors with other layouts. */
export function removeOldMaps(pins: Pins): void {
  for (const folder of oldMaps(pins)) {
    removePinFolder(folder);
  }
}

/** Remove everything of this interface. */
export function removePins(pins: Pins): void {
  removeOldMaps(pins);
  removePinFolder(pins.maps);
  removePinFolder(pins.folder);
}

/** Remove the interface's folder, if nothing is left in it. */
export function removeIfEmpty({folder}: Pins): void {
  if (listPins(folder).length === 0) {
    removePinFolder(folder);
  }
}

function oldMaps({folder, maps}: Pins): string[] {
  return listPins(folder)
    .filter(name => name.startsWith(mapsPrefix))
    .map(name => `${folder}/${name}`)
    .filter(path => path !== maps);
}
