import {createHash} from 'node:crypto';
import type {Config} from './config.ts';

/**
 * Fingerprint of what a config says of the whole cluster, which must be the same on every leveler. Where things are on
 * one machine and what it believes does not count, nor does how the file is written.
 *
 * @returns 16 hexadecimal digits: the first 8 bytes of the SHA-256
 */
export function digestConfig(config: Config): string {
  const {file: _file, role: _role, paths: _paths, security: _security, cluster, ...shared} = config;
  const {keyFile: _keyFile, ...names} = cluster;
  return createHash('sha256')
    .update(JSON.stringify({cluster: names, ...shared}, inOrder))
    .digest('hex')
    .slice(0, 16);
}

/** Fields in the order of their names, so that the digest does not depend on the order of the code. */
function inOrder(_key: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;
}
