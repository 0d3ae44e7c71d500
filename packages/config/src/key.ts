import {hkdfSync} from 'node:crypto';
import {lstatSync, readFileSync, type Stats, statSync} from 'node:fs';
import {join} from 'node:path';
import {ConfigError} from '@tacoplex/errors';
import {fromHex, toHex} from '@tacoplex/vocabulary';

const keyBytes = 32;
const credentialScheme = 'credential:';
const head = 'tacoplex key ring 1';

/**
 * What a leveler does with a key. It sends with the current one, and believes that one, the next and the previous.
 * Retired ones are kept for `permissive` alone.
 */
export const keyStages = ['current', 'next', 'previous', 'retired'] as const;
export type KeyStage = (typeof keyStages)[number];

/** A secret of the cluster. Its fingerprint, 16 hexadecimal digits, may be shown; the secret, 32 bytes, never. */
export type RingKey = {readonly fingerprint: string; readonly secret: Uint8Array; readonly stage: KeyStage};

/** The keys of a leveler, exactly one of them current. */
export type KeyRing = {
  /** Counts the steps of all rotations: of two rings of a lineage the higher one is the newer one. */
  readonly rotation: number;
  /** Name of the cluster. Empty: it was not written down. */
  readonly cluster: string;
  /** In which `rotation` counts. Empty: it was not written down. */
  readonly lineage: string;
  /** Digest of the key file that lay there when these keys were kept. Empty: it was not written down. */
  readonly keyFile: string;
  /** Drawn for each exported file, so that none is like one that came before. Empty: it is no exported one. */
  readonly copy: string;
  readonly keys: readonly RingKey[];
};

/** What may stand in a key ring beside rotation and keys: its lines, what they hold, and how that looks. */
const notes = [
  {word: 'cluster', field: 'cluster', form: /^\S+$/},
  {word: 'lineage', field: 'lineage', form: /^[0-9a-f]{16}$/},
  {word: 'key_file', field: 'keyFile', form: /^[0-9a-f]{16}$/},
  {word: 'copy', field: 'copy', form: /^[0-9a-f]{16}$/},
] as const;

type Notes = {readonly [F in (typeof notes)[number]['field']]: string};

const noNotes: Notes = {cluster: '', lineage: '', keyFile: '', copy: ''};

/** First 8 bytes of what HKDF-SHA256 makes of the secret: names it and gives nothing of it away. */
export function fingerprintOf(secret: Uint8Array): string {
  return toHex(new Uint8Array(hkdfSync('sha256', secret, '', 'tacoplex 1 key id', 8)));
}

/**
 * Where the key file is: `credential:NAME` is what systemd's `LoadCredential=NAME:…` put there.
 *
 * @throws ConfigError if there are no credentials
 */
export function keyFilePath(keyFile: string, environment: NodeJS.ProcessEnv = process.env): string {
  if (!keyFile.startsWith(credentialScheme)) {
    return keyFile;
  }

  const name = keyFile.slice(credentialScheme.length);
  const folder = environment.CREDENTIALS_DIRECTORY;
  if (folder === undefined) {
    throw fault(keyFile, `systemd has handed over no credentials; the unit needs LoadCredential=${name}:FILE`);
  }

  return join(folder, name);
}

/**
 * Read the secrets that the levelers of a cluster share: a key ring, or one key alone, which is the current one of
 * rotation 0.
 *
 * @param keyFile a path, or `credential:NAME`
 * @throws ConfigError if the file is missing, can be read by group or others, or is neither
 */
export function readKeyRing(keyFile: string): KeyRing {
  const file = keyFilePath(keyFile);
  let stats: Stats;
  let text: string;
  try {
    stats = statSync(file);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fault(file, unreadable((error as NodeJS.ErrnoException).code), error);
  }

  if (file === keyFile && (stats.mode & 0o077) !== 0) {
    throw fault(file, `can be read by others than its owner; type: chmod 600 ${file}`); // Credentials show an ACL there
  }

  return text.startsWith(head) ? parseKeyRing(text, file) : loneKey(text, file);
}

function unreadable(code = 'unknown'): string {
  return code === 'EACCES'
    ? 'cannot be read (EACCES): it belongs to another user; for the daemons chown it to the one that runs them, else use sudo'
    : `cannot be read (${code}); make one with: openssl rand -hex 32, and copy it to every leveler`;
}

/** @returns undefined if there is no such file @throws ConfigError as `readKeyRing` */
export function readKeyRingIfAny(file: string): KeyRing | undefined {
  return lstatSync(file, {throwIfNoEntry: false}) === undefined ? undefined : readKeyRing(file);
}

/** The text of a key ring file, which `readKeyRing` reads back. */
export function formatKeyRing(ring: KeyRing): string {
  const noted = notes.filter(({field}) => ring[field] !== '').map(({word, field}) => `${word} ${ring[field]}`);
  const lines = ring.keys.map(({stage, secret}) => `${stage} ${toHex(secret)}`);
  return `${[head, ...noted, `rotation ${ring.rotation}`, ...lines].join('\n')}\n`;
}

/** Tells two files of keys apart, 16 hexadecimal digits, and gives nothing of them away. */
export function digestOfRing(ring: KeyRing): string {
  return fingerprintOf(new TextEncoder().encode(formatKeyRing(ring)));
}

function loneKey(text: string, file: string): KeyRing {
  const secret = readSecret(text.trim());
  if (secret === undefined) {
    throw fault(file, `must hold ${2 * keyBytes} hexadecimal digits; make some with: openssl rand -hex ${keyBytes}`);
  }

  return {rotation: 0, ...noNotes, keys: [{fingerprint: fingerprintOf(secret), secret, stage: 'current'}]};
}

function parseKeyRing(text: string, file: string): KeyRing {
  let ring: KeyRing = {rotation: Number.NaN, ...noNotes, keys: []};
  for (const [index, line] of text.trimEnd().split('\n').slice(1).entries()) {
    const read = withLine(ring, line.trim());
    if (read === undefined) {
      throw fault(
        file,
        `line ${index + 2} is no line of a key ring; bring another: taco key export FILE, on a leveler`,
      );
    }

    ring = read;
  }

  if (Number.isNaN(ring.rotation) || ring.keys.filter(({stage}) => stage === 'current').length !== 1) {
    throw fault(file, 'must have a rotation and one current key; bring another: taco key export FILE, on a leveler');
  }

  return ring;
}

/** @returns undefined if the line is none of a key ring */
function withLine(ring: KeyRing, line: string): KeyRing | undefined {
  const [word = '', value = '', ...rest] = line.split(' ');
  if (rest.length > 0) {
    return undefined;
  }

  if (word === 'rotation') {
    return /^\d{1,9}$/.test(value) ? {...ring, rotation: Number(value)} : undefined;
  }

  const note = notes.find(one => one.word === word && one.form.test(value));
  if (note !== undefined) {
    return {...ring, [note.field]: value};
  }

  const stage = keyStages.find(name => name === word);
  const secret = readSecret(value);
  return stage === undefined || secret === undefined
    ? undefined
    : {...ring, keys: [...ring.keys, {fingerprint: fingerprintOf(secret), secret, stage}]};
}

function readSecret(text: string): Uint8Array | undefined {
  const secret = fromHex(text);
  return secret?.length === keyBytes ? secret : undefined;
}

/** Says what is wrong with it, and never what stands in it. */
function fault(file: string, what: string, cause?: unknown): ConfigError {
  return new ConfigError(`${file}: ${what}`, {code: 'KEY_UNUSABLE', file}, {cause});
}
