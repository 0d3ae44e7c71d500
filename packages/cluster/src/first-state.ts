import type {Version} from '@tacoplex/vocabulary';
import type {ClusterState, Member} from './state.ts';

/**
 * A cluster as it is born: members, and nothing else.
 *
 * @param hashKey 16 bytes drawn at random
 * @param members 1..64, in any order, no id twice
 */
export function firstState({
  cluster,
  hashKey,
  members,
  version,
}: Pick<ClusterState, 'cluster' | 'hashKey' | 'version'> & {readonly members: readonly Member[]}): ClusterState {
  return {
    cluster,
    version,
    hashKey: Uint8Array.from(hashKey),
    members: [...members].sort((one, other) => one.id - other.id),
    groups: [],
    servers: [],
    services: [],
    outcomes: [],
    nextServerNumber: 1,
    keyRotation: 0,
    keys: [],
    outsiders: [],
    fork: '',
    forks: 0,
  };
}

/** The same state under another name. */
export function withVersion(state: ClusterState, version: Version): ClusterState {
  return {...state, version};
}
