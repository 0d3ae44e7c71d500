import {type IpAddress, type LevelerId, parseIp, type Version} from '@tacoplex/vocabulary';
import {type ClusterState, carryOut, firstState, type Operation, type Result, type ShownKeys} from '../src/index.ts';

export function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) {
    throw new Error(`${text} is no address`);
  }

  return address;
}

export const version = (term: number, index: number): Version => ({
  term,
  leader: 1 as LevelerId,
  nonce: '0123456789abcdef',
  index,
});

/** A cluster of two levelers and nothing else. */
export function newborn(): ClusterState {
  return firstState({
    cluster: 'demo',
    hashKey: Uint8Array.from({length: 16}, (_, index) => index),
    members: [
      {id: 2 as LevelerId, name: 'leveler1'},
      {id: 1 as LevelerId, name: 'leveler0'},
    ],
    version: version(1, 1),
  });
}

let commands = 0;

/** Carry out one operation as a command of its own. */
export function attempt(state: ClusterState, operation: Operation): Result {
  commands++;
  return carryOut(state, {id: commands.toString(16).padStart(32, '0'), uid: 0, operation});
}

/** As `attempt`, and stamp the next version on what comes of it. @throws Error if it is refused */
export function change(state: ClusterState, operation: Operation): ClusterState {
  const result = attempt(state, operation);
  if (result.kind !== 'done') {
    throw new Error(JSON.stringify(result));
  }

  return {...result.state, version: version(state.version.term, state.version.index + 1)};
}

export const server = (name: string, address: string, weight = 1, group = ''): Operation => ({
  kind: 'addServer',
  name,
  address: ip(address),
  group,
  weight,
});

export const service = (address: string, protocol = 6, port = 80, group = ''): Operation => ({
  kind: 'addService',
  address: ip(address),
  protocol,
  port,
  group,
  affinity: 'flow',
});

/** Two servers, one service, a second group with one server. */
export function furnished(): ClusterState {
  return [
    server('s0', '10.0.1.101'),
    server('s1', '10.0.1.102', 3),
    service('10.0.1.200'),
    {kind: 'addGroup', name: 'mail'} as const,
    server('m0', '10.0.1.101', 2, 'mail'),
  ].reduce(change, newborn());
}

/** As `attempt`, where the levelers show these keys. */
export function carryOutShown(state: ClusterState, operation: Operation, shown: ShownKeys): Result {
  commands++;
  return carryOut(state, {id: commands.toString(16).padStart(32, '0'), uid: 0, operation}, undefined, shown);
}
