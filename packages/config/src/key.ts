import {readFileSync, statSync} from 'node:fs';
import {ConfigError} from '@tacoplex/errors';
import {fromHex} from '@tacoplex/vocabulary';

const keyBytes = 32;

/**
 * The secret that the levelers of a cluster share.
 *
 * @returns 32 bytes
 * @throws ConfigError if the file is missing, can be read by group or others, or is not 64 hexadecimal digits
 */
export function readKey(file: string): Uint8Array {
  const fault = (what: string, cause?: unknown): ConfigError =>
    new ConfigError(`${file}: ${what}`, {code: 'KEY_UNUSABLE', file}, {cause});
  let mode: number;
  let text: string;
  try {
    mode = statSync(file).mode;
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fault(
      `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); make one with: openssl rand -hex 32, and copy it to every leveler`,
      error,
    );
  }

  if ((mode & 0o077) !== 0) {
    throw fault(`can be read by others than its owner; type: chmod 600 ${file}`);
  }

  const key = fromHex(text.trim());
  if (key?.length !== keyBytes) {
    throw fault(`must hold ${2 * keyBytes} hexadecimal digits; make some with: openssl rand -hex ${keyBytes}`);
  }

  return key;
}
