import {createHash} from 'node:crypto';

/** First 8 bytes of the SHA-256 of the cluster's name. */
export function clusterTag(name: string): Uint8Array {
  return createHash('sha256').update(name).digest().subarray(0, 8);
}
