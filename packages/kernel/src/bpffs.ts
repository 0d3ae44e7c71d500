import {mkdirSync, readdirSync, rmdirSync, statfsSync, unlinkSync} from 'node:fs';
import {dirname} from 'node:path';
import {WorldError} from '@tacoplex/errors';

const magic = 0xcafe4a11; // BPF_FS_MAGIC of <linux/magic.h>

/** Where a BPF file system is by custom. */
export const usualBpffs = '/sys/fs/bpf';

/** @throws WorldError KERNEL_REFUSED, with what to type, unless a BPF file system is mounted on or above `folder` */
export function checkBpffs(folder: string): void {
  if (typeOf(folder) !== magic) {
    throw new WorldError(`${folder}: no BPF file system is mounted there; type: mount -t bpf bpf ${folder}`, {
      code: 'KERNEL_REFUSED',
      operation: `use ${folder}`,
      errno: 'ENODEV',
    });
  }
}

function typeOf(folder: string): number | undefined {
  try {
    return statfsSync(folder).type;
  } catch {
    return undefined;
  }
}

/**
 * Make a folder for pins, and those above it up to the BPF file system. One by one: where no BPF file system is mounted
 * `mkdirSync` with `recursive` never returns.
 *
 * @throws WorldError KERNEL_REFUSED
 */
export function makePinFolder(bpffs: string, folder: string): void {
  checkBpffs(bpffs);
  if (folder !== bpffs) {
    makePinFolder(bpffs, dirname(folder));
    try {
      mkdirSync(folder, 0o700);
    } catch (cause) {
      const {code = '', message} = cause as NodeJS.ErrnoException;
      if (code !== 'EEXIST') {
        throw new WorldError(`cannot make ${folder}: ${message}`, {
          code: 'KERNEL_REFUSED',
          operation: `make ${folder}`,
          errno: code,
        });
      }
    }
  }
}

/** Names of pins and folders in a folder; none if there is no such folder. */
export function listPins(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }

    throw error;
  }
}

/** Remove one pin. What it held goes away if nobody else holds it. */
export function removePin(path: string): void {
  unlinkSync(path);
}

/** Remove a folder and the pins in it; nothing if there is none. */
export function removePinFolder(folder: string): void {
  for (const name of listPins(folder)) {
    removePin(`${folder}/${name}`);
  }

  try {
    rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error;
    }
  }
}
