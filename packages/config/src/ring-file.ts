import {join} from 'node:path';
import {ConfigError} from '@tacoplex/errors';
import type {Config} from './config.ts';
import {type KeyRing, readKeyRing, readKeyRingIfAny} from './key.ts';

/** Where a leveler keeps its keys once they have been changed. @param folder its folder for state */
export function ringFile(folder: string): string {
  return join(folder, 'keys.ring');
}

/**
 * The keys of this leveler: those that it kept, unless the key file is of a later rotation, as one is that was brought
 * here from another leveler. In rotation 0 the key file is the only source.
 *
 * @throws ConfigError if a file cannot be used, or is of another cluster
 */
export function readRing({cluster: {keyFile, name}, paths}: Pick<Config, 'cluster' | 'paths'>): KeyRing {
  const file = ringFile(paths.state);
  const brought = checkCluster(readKeyRing(keyFile), keyFile, name);
  const kept = readKeyRingIfAny(file);
  return kept !== undefined && kept.rotation > 0 && kept.rotation >= brought.rotation
    ? checkCluster(kept, file, name)
    : brought;
}

function checkCluster(ring: KeyRing, file: string, name: string): KeyRing {
  if (ring.cluster !== '' && ring.cluster !== name) {
    throw new ConfigError(`${file}: holds the keys of the cluster ${ring.cluster}, not of ${name}`, {
      code: 'KEY_UNUSABLE',
      file,
    });
  }

  return ring;
}
