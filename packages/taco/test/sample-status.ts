import {decodeAnswer, encodeReply, type Reply, tacoplex} from '@tacoplex/messages';
import {type IpAddress, ipToBytes} from '@tacoplex/vocabulary';
import type {StatusAnswered} from '../src/status-document.ts';

type Status = NonNullable<Reply<'admin.ask'>['status']>;

const {Role} = tacoplex.bus.v1;
const {Affinity} = tacoplex.state.v1;
const never = 4_294_967_295;

export const ip = (text: string): Uint8Array => ipToBytes(text as IpAddress);
export const version = (index: number) => ({term: 3, leader: 1, nonce: new Uint8Array(8), index});
export const digest = Uint8Array.of(0x1a, 0x2b, 0x3c, 0x4d, 0, 0, 0, 1);
const mac = (last: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, last);

const peer = (id: number) => ({
  id,
  name: `leveler${id - 1}`,
  member: true,
  live: true,
  netAAddress: ip(`10.0.0.${100 + id}`),
  netBAddress: ip(`10.0.1.${id}`),
  silenceAMs: 40,
  silenceBMs: 12,
  version: version(7),
  digest,
  reachesA: true,
  reachesB: true,
  reached: {routersPlusOne: 2, serversPlusOne: 3},
  carrying: {sinceS: 1_790_000_000},
  tried: {therePasses: [3 - id], backPasses: [3 - id]},
  diskFault: '',
  hears: [{id: 3 - id, onA: true, onB: true}],
  software: '0.1.0',
  configDigest: digest,
  keysAccepted: [digest],
  keySent: digest,
});

/** What the broker of leveler1 says of a cluster of two levelers and two servers where all is well. */
export const healthy = {
  cluster: 'demo',
  software: '0.1.0',
  processes: ['elector', 'frame-forwarder', 'arp-announcer', 'admin-broker'].map(name => ({name, silenceMs: 80})),
  view: {
    self: 2,
    role: Role.FOLLOWER,
    term: 3,
    leader: 1,
    mayForward: true,
    hasMajority: true,
    securityMode: 'enforcing',
    peers: [peer(1), {...peer(2), claims: [{address: ip('10.0.0.200'), turn: 4, holding: true}]}],
  },
  forwarder: {
    engine: 'cap',
    engineReason: 'auto: the only one there is',
    netAInterface: 'a0',
    netBInterface: 'b0',
    version: version(7),
    digest,
    servers: [
      {number: 1, packets: 32_327, bytes: 3_232_700, mac: mac(1), silenceMs: 900},
      {number: 2, packets: 150_829, bytes: 15_082_900, mac: mac(2), silenceMs: 1200},
    ],
    services: [{address: ip('10.0.1.200'), protocol: 6, port: 80, packets: 183_156, bytes: 18_315_600}],
    reasons: [
      {name: 'not-ours', value: 12},
      {name: 'no-server', value: 0},
    ],
  },
  announcer: {
    addresses: [{address: ip('10.0.0.200'), net: 'a', holder: 2, turn: 4, heldMs: 8000}],
    counts: [{name: 'request-answered', value: 3}],
  },
  state: {
    cluster: 'demo',
    version: version(7),
    members: [
      {id: 1, name: 'leveler0'},
      {id: 2, name: 'leveler1'},
    ],
    groups: [{number: 0, name: 'default'}],
    servers: [
      {number: 1, name: 's1', address: ip('10.0.1.101'), weight: 1},
      {number: 2, name: 's2', address: ip('10.0.1.102'), weight: 1},
    ],
    services: [{address: ip('10.0.1.200'), protocol: 6, port: 80, affinity: Affinity.FLOW}],
  },
  digest,
  bins: [
    {number: 1, bins: 32_768},
    {number: 2, bins: 32_768},
  ],
} as const satisfies Status;

/** What a broker says that has heard nobody. */
export const unheard: Status = {
  software: '0.1.0',
  processes: ['elector', 'frame-forwarder', 'arp-announcer'].map(name => ({name, silenceMs: never})),
};

/** A status as it comes off the wire. */
export function received(status: Status): StatusAnswered {
  return decodeAnswer('admin.ask', encodeReply('admin.ask', {status})).status!;
}
