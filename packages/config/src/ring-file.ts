import {join} from 'node:path';
import {ConfigError} from '@tacoplex/errors';
import type {Config} from './config.ts';
import {digestOfRing, type KeyRing, readKeyRing, readKeyRingIfAny} from './key.ts';

/** Where a leveler keeps its keys once they have been changed. @param folder its folder for state */
export function ringFile(folder: string): string {
  return join(folder, 'keys.ring');
}

/** Keys of a leveler, and whether an operator brought them in place of kept ones: then its state may be older than they are. */
export type FoundRing = KeyRing & {readonly isBrought: boolean};

/**
 * The keys of this leveler: those that it kept, unless the key file is newer, as one is that was brought here from another
 * leveler. In rotation 0 the key file is the only source.
 *
 * @returns with the digest of the key file that lies there now
 * @throws ConfigError if a file cannot be used, or is of another cluster
 */
export function readRing({cluster: {keyFile, name}, paths}: Pick<Config, 'cluster' | 'paths'>): FoundRing {
  const file = ringFile(paths.state);
  const brought = checkCluster(readKeyRing(keyFile), keyFile, name);
  const kept = readKeyRingIfAny(file);
  const digest = digestOfRing(brought);
  if (kept === undefined || kept.rotation === 0) {
    return {...brought, keyFile: digest, isBrought: false};
  }

  return isNewer(brought, kept, digest)
    ? {...brought, keyFile: digest, isBrought: true}
    : {...checkCluster(kept, file, name), keyFile: digest, isBrought: false};
}

/**
 * Steps of two lineages cannot be compared: a file of another lineage than that of the kept keys is newer if it was not there yet
 * when they were kept.
 */
function isNewer(brought: KeyRing, kept: KeyRing, digest: string): boolean {
  if (kept.keyFile === digest) {
    return false;
  }

  const isComparable = brought.lineage === '' || kept.lineage === '' || brought.lineage === kept.lineage;
  return isComparable ? brought.rotation > kept.rotation : true;
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
