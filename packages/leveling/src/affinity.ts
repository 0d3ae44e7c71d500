/**
 * Which fields of a packet make its key: `flow` addresses, ports and protocol; `client` the source
 * address; `port` the source port; `ipid` the addresses and the IPv4 identification of a UDP packet.
 */
export type Affinity = 'flow' | 'client' | 'port' | 'ipid';

/** Number of each affinity, in keys, in the image and in `proto/state.proto`. */
export const affinityCodes = {flow: 0, client: 1, port: 2, ipid: 3} as const satisfies Record<Affinity, number>;
