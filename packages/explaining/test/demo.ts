import {type ClusterState, carryOut, firstState, type Operation} from '@tacoplex/cluster';
import type {Affinity} from '@tacoplex/leveling';
import type {IpAddress, LevelerId, MacAddress} from '@tacoplex/vocabulary';
import {Explainer} from '../src/index.ts';

export const client = '192.0.2.7' as IpAddress;
export const client6 = '2001:db8::7' as IpAddress;
export const at = '10.0.1.200' as IpAddress;
export const at6 = 'fd00:b::200' as IpAddress;
export const hashKey = Uint8Array.from({length: 16}, (_, index) => index);

const server = (number: number, group: string): Operation => ({
  kind: 'addServer',
  name: `server${number}`,
  address: `10.0.1.${101 + number}` as IpAddress,
  group,
  weight: 1,
});
const service = (address: IpAddress, protocol: number, port: number, affinity: Affinity, group = ''): Operation => ({
  kind: 'addService',
  address,
  protocol,
  port,
  group,
  affinity,
});

const operations: readonly Operation[] = [
  ...[0, 1, 2, 3].map(number => server(number, '')),
  {kind: 'addGroup', name: 'lonely'},
  server(4, 'lonely'),
  service(at, 6, 80, 'flow'),
  service(at, 6, 443, 'client'),
  service(at, 17, 0, 'port'),
  service(at, 17, 1645, 'ipid'),
  service(at6, 6, 80, 'flow'),
  service(at6, 6, 443, 'client'),
  service('10.0.1.210' as IpAddress, 6, 80, 'flow', 'lonely'),
];

/** Four servers with known MAC addresses share most services; server4 has a group of its own and no MAC address. */
export const demo: ClusterState = operations.reduce(
  (state, operation, index) => {
    const result = carryOut(state, {id: String(index), uid: 0, operation});
    return result.kind === 'done' ? result.state : state;
  },
  firstState({
    cluster: 'demo',
    hashKey,
    members: [{id: 1 as LevelerId, name: 'leveler0'}],
    version: {term: 1, leader: 1 as LevelerId, nonce: '00'.repeat(8), index: 1},
  }),
);

export const macs = new Map([1, 2, 3, 4].map(number => [number, `02:00:00:00:01:0${number}` as MacAddress]));

export const openDemo = () => new Explainer(demo, macs);
