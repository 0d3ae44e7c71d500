import {mkdir, open, rename, rm} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';

/**
 * A file that is either as it was or as it was written last, even after a power cut. Writes follow each other; of
 * several that wait, the newest alone is made.
 */
export class AtomicFile {
  readonly path: string;
  #next: {readonly bytes: Uint8Array | undefined; readonly done: ((error?: Error) => void)[]} | undefined;
  #isBusy = false;

  constructor(path: string) {
    this.path = path;
  }

  /** Resolves when these bytes, or newer ones, would survive a power cut. Rejects with what the system said. */
  async write(bytes: Uint8Array): Promise<void> {
    return this.#enqueue(bytes);
  }

  get name(): string {
    return basename(this.path);
  }

  async remove(): Promise<void> {
    return this.#enqueue(undefined);
  }

  async #enqueue(bytes: Uint8Array | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = this.#next?.done ?? [];
      done.push(error => (error === undefined ? resolve() : reject(error)));
      this.#next = {bytes, done};
      this.#work();
    });
  }

  #work(): void {
    const next = this.#next;
    if (this.#isBusy || next === undefined) {
      return;
    }

    this.#isBusy = true;
    this.#next = undefined;
    const finish = (error?: Error): void => {
      this.#isBusy = false;
      for (const done of next.done) {
        done(error);
      }

      this.#work();
    };
    replace(this.path, next.bytes).then(() => finish(), finish);
  }
}

async function replace(path: string, bytes: Uint8Array | undefined): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, {recursive: true, mode: 0o750});
  if (bytes === undefined) {
    await rm(path, {force: true});
  } else {
    const written = join(folder, `.${basename(path)}.new`);
    try {
      await writeThrough(written, bytes);
      await rename(written, path);
    } catch (error) {
      await rm(written, {force: true}).catch(() => {}); // Half a file takes room on a disk that may be full
      throw error;
    }
  }

  await syncFolder(folder);
}

async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A renamed file survives a power cut only once its folder is on the disk too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
