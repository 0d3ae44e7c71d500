import {type ClusterState, carryOut, firstState, type Operation, withVersion} from '@tacoplex/cluster';
import type {IpAddress, LevelerId, Version} from '@tacoplex/vocabulary';
import {serviceAddresses, servicePort} from './datapath-frames.ts';

/** On net B, each with a weight of its own. */
export const serverAddresses = ['10.0.1.101', '10.0.1.102', '10.0.1.103', '10.0.1.104'] as IpAddress[];

const udp = 17;

/** A cluster with one service and four servers. */
export function steadyState(): ClusterState {
  const empty = firstState({
    cluster: 'bench',
    hashKey: Uint8Array.from({length: 16}, (_, index) => index),
    members: [{id: 1 as LevelerId, name: 'bench'}],
    version: versionOf(1),
  });
  const operations: Operation[] = [
    ...serverAddresses.map<Operation>((address, index) => ({
      kind: 'addServer',
      name: nameOf(index),
      address,
      group: '',
      weight: 1,
    })),
    {kind: 'addService', address: serviceAddresses[4], protocol: udp, port: servicePort, group: '', affinity: 'flow'},
  ];
  return operations.reduce((state, operation, index) => change(state, operation, 0x1000 + index), empty);
}

/** The state with its next version: one server has another weight, and a part of the bins moves. */
export function changedState(state: ClusterState): ClusterState {
  const index = state.version.index + 1;
  const weight = 1 + (index % 7);
  const operation: Operation = {kind: 'setWeight', name: nameOf(index % serverAddresses.length), weight};
  return withVersion(change(state, operation, index), versionOf(index));
}

function change(state: ClusterState, operation: Operation, index: number): ClusterState {
  const result = carryOut(state, {id: index.toString(16).padStart(32, '0'), uid: 0, operation});
  if (result.kind !== 'done') {
    throw new Error(`steady state: ${JSON.stringify(result)}`);
  }

  return result.state;
}

function nameOf(server: number): string {
  return `server${server}`;
}

function versionOf(index: number): Version {
  return {term: 1, leader: 1 as LevelerId, nonce: '0000000000000001', index};
}
