import {changeTables, type GroupEntry, type ImageContent, type ServiceEntry} from '@tacoplex/leveling';
import {binCount, type GroupNumber, type IpAddress, type MacAddress, type ServerNumber} from '@tacoplex/vocabulary';
import {serviceAddresses, servicePort} from './datapath-frames.ts';

/** A cluster as large as is measured: its servers are shared out evenly among its groups. */
export type Size = {readonly groups: number; readonly serversEach: number};

const neighboursOfService = 60; // A cluster has more services than the one that is measured
const tcpAndUdp = [6, 17] as const;

/** @param macOf by number of the server, 1 and up */
export function contentOf(
  {groups, serversEach}: Size,
  ourMac: MacAddress,
  macOf: (server: number) => MacAddress,
): ImageContent {
  return {
    hashKey: Uint8Array.from({length: 16}, (_, index) => 17 * index),
    ourMac,
    services: listServices(),
    groups: Array.from({length: groups}, (_, group) => groupOf(group, serversEach)),
    servers: Array.from({length: groups * serversEach}, (_, index) => ({
      number: (index + 1) as ServerNumber,
      mac: macOf(index + 1),
      dead: false,
    })),
  };
}

function groupOf(group: number, servers: number): GroupEntry {
  const shares = Array.from({length: servers}, (_, index) => ({
    server: (group * servers + index + 1) as ServerNumber,
    weight: 1,
  }));
  const empty = {base: new Uint16Array(binCount), fallback: new Uint16Array(binCount)};
  const {base, fallback} = changeTables(empty, shares);
  return {number: group as GroupNumber, base, fallback};
}

function listServices(): ServiceEntry[] {
  const addresses = [
    ...Object.values(serviceAddresses),
    ...Array.from({length: neighboursOfService}, (_, index) => `10.0.2.${index + 1}` as IpAddress),
  ];
  return addresses.flatMap(address =>
    tcpAndUdp.map(protocol => ({address, protocol, port: servicePort, group: 0 as GroupNumber, affinity: 'flow'})),
  ) as ServiceEntry[];
}
