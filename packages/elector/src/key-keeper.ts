import type {Clock} from '@tacoplex/clock';
import {followKeys, type HeldKeys, type Key, keyIdOf, type Operation, type WantedKeys} from '@tacoplex/cluster';
import {
  type FoundRing,
  formatKeyRing,
  type KeyRing,
  keyFilePath,
  type RingKey,
  readKeyRing,
  ringFile,
} from '@tacoplex/config';
import {ConfigError} from '@tacoplex/errors';
import type {Log} from '@tacoplex/log';
import {AtomicFile} from './atomic-file.ts';
import {drawKey, sealSecret, unsealSecret} from './key-secrets.ts';

/** What is missing, or could not be written, is tried again after this long. */
const retryMs = 1000;

type AddKey = Extract<Operation, {kind: 'addKey'}>;

type Options = {
  readonly ring: FoundRing;
  /** As the config has it: a key that is brought by hand is looked for beside it. */
  readonly keyFile: string;
  /** Folder of `keys.ring`. */
  readonly folder: string;
  readonly cluster: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The ring is on the disk, and in use from now on. */
  readonly onChange: (ring: KeyRing) => void;
};

/** Has the keys of this leveler follow the cluster state: first on the disk, then in use. */
export class KeyKeeper {
  readonly #options: Options;
  readonly #file: AtomicFile;
  #ring: KeyRing & Pick<HeldKeys<RingKey>, 'newerThan'>;
  #wanted: WantedKeys | undefined;
  #isBusy = false;
  #told = '';
  #cancelRetry = (): void => {};

  constructor(options: Options) {
    this.#options = options;
    this.#ring = options.ring;
    this.#file = new AtomicFile(ringFile(options.folder));
  }

  get ring(): KeyRing {
    return this.#ring;
  }

  /** This state lay on the disk when the process started: keys that were brought in place of others are newer. */
  note({lineage, keyRotation: rotation}: WantedKeys): void {
    if (this.#options.ring.isBrought) {
      this.#ring = {...this.#ring, newerThan: {lineage, rotation}};
    }
  }

  /** A state has taken effect. */
  follow(state: WantedKeys): void {
    this.#wanted = state;
    this.#work();
  }

  /**
   * The command that brings in another key: drawn here and sealed, or the one that was laid beside the key file.
   *
   * @throws ConfigError if there is none beside it
   */
  addition({byHand}: Pick<AddKey, 'byHand'>): AddKey {
    const current = currentOf(this.#ring);
    const key = byHand ? this.#beside() : drawKey();
    return {
      kind: 'addKey',
      fingerprint: key.fingerprint,
      sealed: byHand ? new Uint8Array() : sealSecret(key, current),
      sealedBy: current.fingerprint,
      byHand,
    };
  }

  stop(): void {
    this.#cancelRetry();
  }

  #work(): void {
    if (this.#wanted === undefined || this.#isBusy) {
      return;
    }

    this.#cancelRetry();
    const {held, missing} = followKeys(this.#ring, this.#wanted, key => this.#obtain(key));
    this.#tellMissing(missing);
    if (missing.length > 0) {
      this.#retry();
    }

    if (!isSame(held, this.#ring)) {
      this.#isBusy = true;
      void this.#keep({...held, cluster: this.#options.cluster, keyFile: this.#options.ring.keyFile, copy: ''});
    }
  }

  /** A key is shown to others only once a power cut cannot take it away. */
  async #keep(ring: KeyRing): Promise<void> {
    const {log, onChange} = this.#options;
    try {
      await this.#file.write(Buffer.from(formatKeyRing(ring)));
      this.#isBusy = false;
      this.#ring = ring;
      log.notice('keys changed', {lineage: ring.lineage, rotation: ring.rotation, keys: describe(ring)});
      onChange(ring);
      this.#work();
    } catch (error) {
      const {code, message} = error as NodeJS.ErrnoException;
      this.#isBusy = false;
      this.#tell(`cannot write ${this.#file.path}: ${code ?? message}`);
      this.#retry();
    }
  }

  #retry(): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#options.clock.after(retryMs, () => this.#work());
  }

  #obtain({fingerprint, sealed}: Key): Omit<RingKey, 'stage'> | undefined {
    if (sealed === undefined) {
      return this.#besideIfAny(fingerprint);
    }

    const under = this.#ring.keys.find(key => key.fingerprint === sealed.by);
    return under === undefined ? undefined : unsealSecret(sealed.bytes, fingerprint, under);
  }

  /** @throws ConfigError */
  #beside(): RingKey {
    return currentOf(readKeyRing(this.#pathBeside));
  }

  #besideIfAny(fingerprint: string): RingKey | undefined {
    try {
      const key = this.#beside();
      return key.fingerprint === fingerprint ? key : undefined;
    } catch (error) {
      if (error instanceof ConfigError) {
        return undefined; // Told as missing
      }

      throw error;
    }
  }

  get #pathBeside(): string {
    return `${keyFilePath(this.#options.keyFile)}.new`;
  }

  #tellMissing(missing: readonly Key[]): void {
    const [key] = missing;
    if (key === undefined) {
      this.#told = '';
    } else if (key.stage === 'next' && key.sealed === undefined) {
      this.#tell(`key ${keyIdOf(key)} is to be brought by hand: put it into ${this.#pathBeside}`);
    } else {
      this.#tell(
        `key ${keyIdOf(key)} is not here: on a leveler that has it, taco key export FILE; bring that here as the key_file, and restart the elector`,
      );
    }
  }

  /** Once for each reason. */
  #tell(reason: string): void {
    if (reason !== this.#told) {
      this.#options.log.error('keys cannot follow the cluster', {reason});
    }

    this.#told = reason;
  }
}

function currentOf({keys}: Pick<KeyRing, 'keys'>): RingKey {
  const current = keys.find(({stage}) => stage === 'current');
  if (current === undefined) {
    throw new RangeError('a key ring has a current key');
  }

  return current;
}

function isSame(one: HeldKeys<RingKey>, other: HeldKeys<RingKey>): boolean {
  return one.lineage === other.lineage && one.rotation === other.rotation && describe(one) === describe(other);
}

/** For people, and to compare: ids and what they are for, no secret. */
function describe({keys}: Pick<KeyRing, 'keys'>): string {
  return keys.map(key => `${keyIdOf(key)}:${key.stage}`).join(',');
}
