import {readFileSync} from 'node:fs';
import type {Clock} from '@tacoplex/clock';
import type {Log} from '@tacoplex/log';
import {AtomicFile} from './atomic-file.ts';
import type {Read} from './disk-files.ts';
import type {SecondCopies} from './second-copies.ts';

/** How long after a write that failed it is tried again. */
const tryAgainMs = 1000;

type Options = {
  readonly path: string;
  readonly copies: SecondCopies;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  /** What this leveler does not do while the file cannot be written, for the log. */
  readonly without: string;
  /** It cannot be written, or can be again. */
  readonly onChange: () => void;
};

/** What was found of a file. */
export type FoundFile<T> = {
  /** The newest there is; undefined: nothing, or nothing that can be believed. */
  readonly content: T | undefined;
  /** What a power cut would leave. */
  readonly onDisk: T | undefined;
  /** A second copy of this boot says so: nothing newer was ever written. */
  readonly isNewest: boolean;
  /** A power cut would leave `content`. */
  readonly isKept: boolean;
};

/**
 * A file that survives a power cut, with a second copy that survives its process. What cannot be written is told once,
 * and tried again each second until it is on the disk or something newer is to be written.
 */
export class StoredFile {
  readonly #options: Options;
  readonly #file: AtomicFile;
  #newest: Uint8Array | undefined;
  #fault = '';

  constructor(options: Options) {
    this.#options = options;
    this.#file = new AtomicFile(options.path);
  }

  /** Why it cannot be written, with its name; empty: it can, as far as is known. */
  get fault(): string {
    return this.#fault === '' ? '' : `${this.#file.name}: ${this.#fault}`;
  }

  /**
   * Resolves when these bytes, or newer ones, would survive a power cut, however long that takes.
   *
   * @param misleads whether what is on the disk must not be believed any more: then it is taken away if it cannot be replaced
   * @returns false: they were given up for newer ones, or for none
   */
  async write(bytes: Uint8Array, misleads: () => boolean = () => false): Promise<boolean> {
    this.#newest = bytes;
    while (!(await this.#tryToWrite(bytes))) {
      if (this.#newest === bytes && misleads()) {
        await this.#file.remove().catch(() => {}); // The failing disk has been told already
      }

      await new Promise<void>(resolve => {
        this.#options.clock.after(tryAgainMs, resolve);
      });
      if (this.#newest !== bytes) {
        return false;
      }
    }

    return true;
  }

  async remove(): Promise<void> {
    this.#newest = undefined;
    this.#options.copies.remove(this.#file.name);
    await this.#note(this.#file.remove());
  }

  /** The copy counts where there is one: it is what this boot of the machine wrote last. */
  read<T>(unpack: (bytes: Buffer) => Read<T>): FoundFile<T> {
    const {copies, log} = this.#options;
    const {path, name} = this.#file;
    const onDisk = this.#readDisk(unpack);
    const bytes = copies.read(name);
    const copy = bytes === undefined ? undefined : unpack(bytes);
    if (bytes === undefined || copy === undefined || 'fault' in copy) {
      return {content: onDisk?.content, onDisk: onDisk?.content, isNewest: false, isKept: true};
    }

    if (onDisk === undefined) {
      log.notice('second copy used', {of: path});
    }

    const isKept = onDisk?.bytes.equals(bytes) === true;
    return {content: copy.content, onDisk: onDisk?.content, isNewest: true, isKept};
  }

  /** First the copy, so that it is never older than the file. */
  async #tryToWrite(bytes: Uint8Array): Promise<boolean> {
    const isSafe = this.#options.copies.write(this.#file.name, bytes);
    const writing = this.#file.write(bytes);
    return this.#note(isSafe ? writing : writing.then(refuseCopy));
  }

  /** @returns whether it was done */
  async #note(doing: Promise<void>): Promise<boolean> {
    let fault = '';
    try {
      await doing;
    } catch (error) {
      const {code, message} = error as NodeJS.ErrnoException;
      fault = code ?? message;
    }

    const {log, path, without, onChange} = this.#options;
    const was = this.#fault;
    this.#fault = fault;
    if (was === '' && fault !== '') {
      log.error(`disk fails, this leveler ${without}`, {file: path, reason: fault});
    } else if (was !== '' && fault === '') {
      log.notice('disk works again', {file: path});
    }

    if (was !== fault) {
      onChange();
    }

    return fault === '';
  }

  #readDisk<T>(unpack: (bytes: Buffer) => Read<T>): {readonly bytes: Buffer; readonly content: T} | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#file.path);
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? undefined : this.#disbelieve(`it cannot be read (${code})`);
    }

    const read = unpack(bytes);
    return 'fault' in read ? this.#disbelieve(read.fault) : {bytes, content: read.content};
  }

  #disbelieve(reason: string): undefined {
    this.#options.log.warn('file not used', {file: this.#file.path, reason});
    return undefined;
  }
}

/** The file is there, and an older copy that would be believed instead. */
function refuseCopy(): never {
  throw new Error('its second copy can be neither written nor taken away');
}
