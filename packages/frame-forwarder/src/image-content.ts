import type {ClusterState, ServiceName} from '@tacoplex/cluster';
import type {ImageContent} from '@tacoplex/leveling';
import type {MacAddress, ServerNumber} from '@tacoplex/vocabulary';

/** What the forwarding function has to know of a cluster state. */
export function toImageContent(
  {hashKey, version, services, groups, servers}: ClusterState,
  ourMac: MacAddress,
  macOf: (number: ServerNumber) => MacAddress | undefined,
): ImageContent {
  return {
    hashKey,
    ourMac,
    version,
    services,
    groups,
    servers: servers.map(({number}) => ({number, mac: macOf(number), dead: false})),
  };
}

/** One name for each service, for as long as it exists. */
export function nameService({address, protocol, port}: ServiceName): string {
  return `${address} ${protocol} ${port}`;
}
