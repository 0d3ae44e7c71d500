import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Disk as Found, Memory, Value} from '@tacoplex/election';
import type {Log} from '@tacoplex/log';
import type {LevelerId} from '@tacoplex/vocabulary';
import {AtomicFile} from './atomic-file.ts';
import type {ClusterContent} from './content.ts';
import {packMemory, packState, type Read, type StoredState, unpackMemory, unpackState} from './disk-files.ts';
import {SecondCopies} from './second-copies.ts';

type Options = {
  readonly folder: string;
  /** Of the second copies; they survive the process, not a power cut. */
  readonly copies: string;
  readonly cluster: string;
  readonly leveler: LevelerId;
  readonly content: ClusterContent;
  readonly log: Log;
};

/**
 * What a leveler keeps over a restart: its state, and beside it term, vote and committed version. What is on the disk
 * survives a power cut; a second copy helps a new process where the disk has failed meanwhile.
 */
export class Disk {
  readonly #options: Options;
  readonly #memory: AtomicFile;
  readonly #state: AtomicFile;
  readonly #copies: SecondCopies;
  #failing = false;

  constructor(options: Options) {
    this.#options = options;
    this.#memory = new AtomicFile(join(options.folder, 'vote.json'));
    this.#state = new AtomicFile(join(options.folder, 'state.pb'));
    this.#copies = new SecondCopies(options.copies);
  }

  /** What is there, as far as it can be believed; each file that cannot is told. */
  load(): Found {
    const {cluster, leveler, content} = this.#options;
    const memory = this.#read(this.#memory, file => unpackMemory(file, {cluster, leveler}));
    const state = this.#read(this.#state, file => {
      const stored = unpackState(file);
      return 'fault' in stored ? stored : open(content, stored.content);
    });
    return {memory, value: state?.value, valueSound: state?.sound === true};
  }

  /** @returns whether it is kept: a vote that is not must not be said */
  async save(memory: Memory): Promise<boolean> {
    const {cluster, leveler} = this.#options;
    return this.#write(this.#memory, packMemory({form: 1, cluster, leveler, ...memory}));
  }

  /**
   * Resolves when the state is on the disk, or the disk has failed: the cluster goes on without it. Then the vote is
   * thrown away, so that after a restart this leveler does not believe its older state to be all it has promised.
   */
  async store({bytes}: Value, sound: boolean): Promise<void> {
    if (!(await this.#write(this.#state, packState({bytes, sound})))) {
      await this.#memory.remove().catch(() => {}); // The failing disk has been told already
    }
  }

  async forget(): Promise<void> {
    for (const {name} of [this.#state, this.#memory]) {
      this.#copies.remove(name);
    }

    await Promise.all([this.#state, this.#memory].map(async file => this.#try(file.remove(), file.path)));
  }

  /** First the copy, so that it is never older than the file. */
  async #write(file: AtomicFile, bytes: Uint8Array): Promise<boolean> {
    const isSafe = this.#copies.write(file.name, bytes);
    return (await this.#try(file.write(bytes), file.path)) && isSafe;
  }

  async #try(writing: Promise<void>, file: string): Promise<boolean> {
    try {
      await writing;
    } catch (error) {
      this.#fail(file, error as NodeJS.ErrnoException);
      return false;
    }

    if (this.#failing) {
      this.#failing = false;
      this.#options.log.notice('disk works again', {file});
    }

    return true;
  }

  #fail(file: string, {code, message}: NodeJS.ErrnoException): void {
    if (!this.#failing) {
      this.#failing = true;
      this.#options.log.error('disk fails, this leveler may not vote', {file, reason: code ?? message});
    }
  }

  /** The copy counts where there is one: it is what this boot of the machine wrote last. */
  #read<T>(file: AtomicFile, unpack: (bytes: Buffer) => Read<T>): T | undefined {
    const onDisk = this.#readFile(file.path, unpack);
    const bytes = this.#copies.read(file.name);
    const copy = bytes === undefined ? undefined : unpack(bytes);
    if (bytes === undefined || copy === undefined || 'fault' in copy) {
      return onDisk?.content;
    }

    if (onDisk === undefined) {
      this.#options.log.notice('second copy used', {of: file.path});
    }

    if (onDisk?.bytes.equals(bytes) !== true) {
      void this.#restore(file, bytes);
    }

    return copy.content;
  }

  /** The disk is to have it too: a copy ends with the power. */
  async #restore(file: AtomicFile, bytes: Buffer): Promise<void> {
    if (!(await this.#try(file.write(bytes), file.path)) && file === this.#state) {
      await this.#memory.remove().catch(() => {}); // As in `store`
    }
  }

  #readFile<T>(
    file: string,
    unpack: (bytes: Buffer) => Read<T>,
  ): {readonly bytes: Buffer; readonly content: T} | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? undefined : this.#disbelieve(file, `it cannot be read (${code})`);
    }

    const read = unpack(bytes);
    return 'fault' in read ? this.#disbelieve(file, read.fault) : {bytes, content: read.content};
  }

  #disbelieve(file: string, reason: string): undefined {
    this.#options.log.warn('file not used', {file, reason});
    return undefined;
  }
}

function open(content: ClusterContent, {bytes, sound}: StoredState): Read<{value: Value; sound: boolean}> {
  try {
    return {content: {value: content.open(bytes), sound}};
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }

    return {fault: error.message};
  }
}
