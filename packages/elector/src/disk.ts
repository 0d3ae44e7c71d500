import {join} from 'node:path';
import type {Clock} from '@tacoplex/clock';
import type {Disk as Found, Memory, Value} from '@tacoplex/election';
import type {Log} from '@tacoplex/log';
import {compareVersions, type LevelerId, type Version} from '@tacoplex/vocabulary';
import type {ClusterContent} from './content.ts';
import {packMemory, packState, type Read, type StoredState, unpackMemory, unpackState} from './disk-files.ts';
import {SecondCopies} from './second-copies.ts';
import {StoredFile} from './stored-file.ts';

type Options = {
  readonly folder: string;
  /** Of the second copies; they survive the process, not a power cut. */
  readonly copies: string;
  readonly cluster: string;
  readonly leveler: LevelerId;
  readonly content: ClusterContent;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  /** What cannot be written, and why, in a few words; empty: all can again. */
  readonly onFault: (fault: string) => void;
};

/**
 * What a leveler keeps over a restart: its state, and beside it term, vote and committed version. What is on the disk
 * survives a power cut; a second copy helps a new process where the disk has failed meanwhile.
 */
export class Disk {
  readonly #options: Options;
  readonly #memory: StoredFile;
  readonly #state: StoredFile;
  /** Of the state that a power cut would leave. */
  #stored: Version | undefined;

  constructor(options: Options) {
    const {folder, copies: copiesFolder, clock, log, onFault} = options;
    const copies = new SecondCopies(copiesFolder);
    const onChange = (): void =>
      onFault(
        [this.#state, this.#memory]
          .map(({fault}) => fault)
          .filter(Boolean)
          .join(', '),
      );
    const fileOf = (name: string, without: string): StoredFile =>
      new StoredFile({path: join(folder, name), copies, clock, log, without, onChange});
    this.#options = options;
    this.#memory = fileOf('vote.json', 'may not vote');
    this.#state = fileOf('state.pb', 'acknowledges no change');
  }

  /** What is there, as far as it can be believed; each file that cannot is told. */
  load(): Found {
    const {cluster, leveler, content} = this.#options;
    const memory = this.#memory.read(file => unpackMemory(file, {cluster, leveler}));
    const state = this.#state.read(file => {
      const stored = unpackState(file);
      return 'fault' in stored ? stored : open(content, stored.content);
    });
    this.#stored = state.onDisk?.value.version;
    const found = {
      memory: memory.content,
      value: state.content?.value,
      valueSound: state.content?.sound === true,
    };
    return memory.isKept && state.isKept
      ? found
      : {
          ...found,
          atRisk: {
            memory: !memory.isKept,
            value: !state.isKept,
            older: memory.isNewest && !state.isKept ? state.onDisk?.value : undefined,
          },
        };
  }

  /**
   * Resolves when it is on the disk, however long that takes: a vote that is not must not be said.
   *
   * Where neither the state that has taken effect can be written nor that it has, what was on the disk is thrown away: lest
   * this leveler forward by its older state after a power cut. That befalls few, for a majority has what takes effect.
   *
   * @returns false: it was given up for a newer one
   */
  async save(memory: Memory): Promise<boolean> {
    const {cluster, leveler} = this.#options;
    const {committed} = memory;
    const isOutdated = (): boolean =>
      committed !== undefined && this.#stored !== undefined && compareVersions(committed, this.#stored) > 0;
    return this.#memory.write(packMemory({form: 1, cluster, leveler, ...memory}), isOutdated);
  }

  /** The same for the state: one that is not on the disk must not be acknowledged. */
  async store({bytes, version}: Value, sound: boolean): Promise<boolean> {
    const isStored = await this.#state.write(packState({bytes, sound}));
    this.#stored = isStored ? version : this.#stored;
    return isStored;
  }

  async forget(): Promise<void> {
    this.#stored = undefined;
    await Promise.all([this.#state.remove(), this.#memory.remove()]);
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
