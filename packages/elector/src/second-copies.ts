import {mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/**
 * Files that survive this process, though not the loss of power: they are written without waiting for a disk, into
 * memory where the folder is a tmpfs, and count in the same boot of the machine only.
 *
 * Each is either as it was last written or not there: so one that is there is never older than what is on the disk.
 */
export class SecondCopies {
  readonly #folder: string;
  readonly #head: Buffer;

  /** @param boot names this boot of the machine, one line */
  constructor(folder: string, boot = readBoot()) {
    this.#folder = folder;
    this.#head = Buffer.from(`${boot}\n`);
  }

  /** @returns false if the copy can be neither written nor taken away */
  write(name: string, bytes: Uint8Array): boolean {
    const path = join(this.#folder, name);
    try {
      mkdirSync(this.#folder, {recursive: true, mode: 0o750});
      writeFileSync(`${path}.new`, Buffer.concat([this.#head, bytes]), {mode: 0o600});
      renameSync(`${path}.new`, path);
      return true;
    } catch {
      return this.remove(name);
    }
  }

  /** @returns undefined if there is none of this boot */
  read(name: string): Buffer | undefined {
    try {
      const bytes = readFileSync(join(this.#folder, name));
      const {length} = this.#head;
      return bytes.subarray(0, length).equals(this.#head) ? bytes.subarray(length) : undefined;
    } catch {
      return undefined; // The file on the disk is what counts
    }
  }

  /** @returns whether it is not there any more */
  remove(name: string): boolean {
    try {
      rmSync(join(this.#folder, name), {force: true});
      return true;
    } catch {
      return false;
    }
  }
}

function readBoot(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
