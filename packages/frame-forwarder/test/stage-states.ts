import {type ClusterState, carryOut, firstState, type Operation, withVersion} from '@tacoplex/cluster';
import type {IpAddress, LevelerId, Version} from '@tacoplex/vocabulary';

export const serverAddresses = ['10.0.1.101', '10.0.1.102'] as const;
export const serviceAddress = '10.0.1.200' as IpAddress;
export const serviceAddress6 = 'fd00:b::200' as IpAddress;

export const addServer = (number: 0 | 1): Operation => ({
  kind: 'addServer',
  name: `server${number}`,
  address: serverAddresses[number] as IpAddress,
  group: '',
  weight: 1,
});

/** UDP on port 5000, by flow. */
export const addService = (address: IpAddress): Operation => ({
  kind: 'addService',
  address,
  protocol: 17,
  port: 5000,
  group: '',
  affinity: 'flow',
});

/** A cluster state with these changes made to an empty one. */
export function stateOf(operations: readonly Operation[], index = 1): ClusterState {
  const version: Version = {term: 1, leader: 1 as LevelerId, nonce: '00000000000000aa', index};
  const empty = firstState({
    cluster: 'stage',
    hashKey: Uint8Array.from({length: 16}, (_, position) => position),
    members: [{id: 1 as LevelerId, name: 'leveler0'}],
    version,
  });
  return operations.reduce((state, operation, number) => {
    const result = carryOut(state, {id: number.toString(16).padStart(32, '0'), uid: 0, operation});
    if (result.kind !== 'done') {
      throw new Error(`operation ${number}: ${JSON.stringify(result)}`);
    }

    return withVersion(result.state, version);
  }, empty);
}
