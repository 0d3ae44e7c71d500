import type {Random, RandomWorld} from '@tacoplex/frames';
import type {Affinity, GroupEntry, ImageContent, ServerEntry, ServiceEntry} from '@tacoplex/leveling';
import {binCount, type IpAddress, type MacAddress} from '@tacoplex/vocabulary';

const affinities: readonly Affinity[] = ['flow', 'client', 'port', 'ipid'];
const protocols = [0, 6, 17, 132, 1, 58, 47] as const;
const ourMac = '02:00:00:00:00:01' as MacAddress;

/**
 * A small cluster: services that share addresses in every way, some servers dead, some of unknown MAC address, some bins
 * of nobody.
 */
export function randomContent(random: Random): ImageContent {
  const below = (limit: number): number => Math.floor(random() * limit);
  const servers: ServerEntry[] = Array.from({length: 1 + below(40)}, (_, index) => ({
    number: (index + 1) as never,
    ...(random() < 0.9 && {mac: `02:00:00:00:01:${(index + 1).toString(16).padStart(2, '0')}` as MacAddress}),
    dead: random() < 0.1,
  }));
  const table = (): Uint16Array => Uint16Array.from({length: binCount}, () => below(servers.length + 1));
  const groups: GroupEntry[] = [...new Set(Array.from({length: 1 + below(4)}, () => below(16)))].map(number => ({
    number: number as never,
    base: table(),
    fallback: table(),
  }));
  const services = Array.from({length: 1 + below(30)}, () => randomService(below, groups));
  const byName = new Map(services.map(service => [`${service.address} ${service.protocol} ${service.port}`, service]));
  return {
    hashKey: Uint8Array.from({length: 16}, () => below(256)),
    ourMac,
    services: [...byName.values()],
    groups,
    servers,
  };
}

function randomService(below: (limit: number) => number, groups: readonly GroupEntry[]): ServiceEntry {
  const protocol = protocols[below(protocols.length)] ?? 0;
  const host = 200 + below(8);
  return {
    address: (below(2) === 0 ? `10.0.1.${host}` : `fd00:b::${host}`) as IpAddress,
    protocol,
    port: protocol === 0 ? 0 : ([0, 53, 80, 443][below(4)] ?? 0),
    group: groups[below(groups.length)]?.number ?? (0 as never),
    affinity: affinities[below(affinities.length)] ?? 'flow',
  };
}

/** What frames for that cluster are about, and for some addresses that are none of its services'. */
export function worldOf({services}: ImageContent): RandomWorld {
  const hosts = Array.from({length: 32}, (_, host) => [`192.0.2.${host + 1}`, `2001:db8::${host + 1}`]).flat();
  const strangers = ['10.0.1.250', 'fd00:b::250'].map(address => ({
    address: address as IpAddress,
    protocol: 6,
    port: 80,
  }));
  return {
    ourMac,
    targets: [...services, ...services, ...strangers],
    clients: [...hosts, '0.1.2.3', '224.0.0.1', '255.255.255.255', '::1', '::', 'ff02::1'] as IpAddress[],
  };
}
