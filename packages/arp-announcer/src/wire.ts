import type {Action, AddressReport, Claim, Peer, Reached, Tried, View} from '@tacoplex/announcing';
import {decodeState} from '@tacoplex/cluster';
import {type Incoming, type Outgoing, type Reply, tacoplex} from '@tacoplex/messages';
import {
  type IpAddress,
  ipFromBytes,
  ipToBytes,
  type LevelerId,
  type MacAddress,
  type MonotonicMs,
  macFromBytes,
  macToBytes,
} from '@tacoplex/vocabulary';
import type {Found} from './address-finder.ts';

type Outcome = Reply<'announcer.find'>;
type Probed = Extract<Action, {kind: 'sayProbed'}>;
type PeerMessage = Incoming<'elector.view'>['peers'][number];
type ClaimMessage = PeerMessage['claims'][number];

const macBytes = 6;
const idle = tacoplex.bus.v1.Caretaking.IDLE;
const largestUint32 = 0xffff_ffff;

/** What the elector says of the levelers. */
export function viewFromWire(view: Incoming<'elector.view'>): View {
  const {saidAtMs, mayForward, mayTake, caretaking, probe, peers} = view;
  return {
    saidAt: saidAtMs as MonotonicMs,
    mayForward,
    mayTake,
    mayHold: mayForward || caretaking === idle,
    probe: probe === 0 ? undefined : probe,
    peers: peers.map(peerFromWire),
  };
}

/** A witness is none of those that may hold addresses. */
function peerFromWire(message: PeerMessage): Peer {
  const {carrying, tried, netAMac, netBMac, claims} = message;
  const {id, member, witness, live, astray, leaving, reachesA, reachesB, reached} = message;
  return {
    id: id as LevelerId,
    member: member && !witness,
    live: live && !astray,
    leaving,
    reachesA,
    reachesB,
    reached: reached ? reachedFromWire(reached) : undefined,
    carries: carrying ? carrying.whyNot === '' : undefined,
    tried: tried ? triedFromWire(tried) : undefined,
    macs: {a: macFromWire(netAMac), b: macFromWire(netBMac)},
    claims: claims.flatMap(claimFromWire),
  };
}

function reachedFromWire({routersPlusOne, serversPlusOne}: NonNullable<PeerMessage['reached']>): Reached {
  const countOf = (plusOne: number): number | undefined => (plusOne === 0 ? undefined : plusOne - 1);
  return {routers: countOf(routersPlusOne), servers: countOf(serversPlusOne)};
}

function triedFromWire({therePasses, thereFails, backPasses, backFails}: NonNullable<PeerMessage['tried']>): Tried {
  const half = (passes: readonly number[], fails: readonly number[]) => ({
    passes: passes as readonly LevelerId[],
    fails: fails as readonly LevelerId[],
  });
  return {there: half(therePasses, thereFails), back: half(backPasses, backFails)};
}

function macFromWire(bytes: Uint8Array): MacAddress | undefined {
  return bytes.length === macBytes ? macFromBytes(bytes) : undefined;
}

/** A claim of an address of a length that we do not know is of a later version: none of ours. */
function claimFromWire({address, turn, holding, releasing}: ClaimMessage): Claim[] {
  return address.length === 4 || address.length === 16 ? [{ip: ipFromBytes(address), turn, holding, releasing}] : [];
}

/** The servers' addresses in the order of their numbers, and those of services, each once. @throws RangeError if it is no cluster state */
export function addressesFromWire({state}: Incoming<'elector.state'>): {
  readonly servers: readonly IpAddress[];
  readonly servIps: readonly IpAddress[];
} {
  const {servers, services} = decodeState(state);
  return {
    servers: servers.map(({address}) => address),
    servIps: [...new Set(services.map(({address}) => address))],
  };
}

/** @param reached undefined: not found out yet */
export function claimsToWire(
  claims: readonly Claim[],
  reached: Reached | undefined,
  tried: Tried,
): Outgoing<'announcer.claims'> {
  return {
    tried: {
      therePasses: [...tried.there.passes],
      thereFails: [...tried.there.fails],
      backPasses: [...tried.back.passes],
      backFails: [...tried.back.fails],
    },
    reached: reached && {
      routersPlusOne: (reached.routers ?? -1) + 1,
      serversPlusOne: (reached.servers ?? -1) + 1,
    },
    claims: claims.map(({ip, turn, holding, releasing}) => ({address: ipToBytes(ip), turn, holding, releasing})),
  };
}

export function foundToWire(found: Found): Outcome {
  return typeof found === 'string'
    ? {refusal: found === 'nobody answers' ? '' : whyNotFound[found]}
    : {mac: macToBytes(found.mac)};
}

const whyNotFound = {
  'nobody could be asked': 'net B of this leveler carries nothing',
  'too many at once': 'too much else is looked for just now',
} as const;

export function probedToWire({number, isDone, answeredBy, provenBy}: Probed): Outgoing<'announcer.probed'> {
  return {probe: number, done: isDone, answeredBy: answeredBy.map(id => id ?? 0), provenBy: [...provenBy]};
}

export function statusToWire(
  reports: readonly AddressReport[],
  counts: ReadonlyMap<string, number>,
): Outgoing<'announcer.status'> {
  return {
    addresses: reports.map(({ip, net, holder, turn, heldMs, strangers}) => ({
      address: ipToBytes(ip),
      net,
      holder: holder ?? 0,
      turn,
      heldMs: Math.min(Math.round(heldMs), largestUint32),
      strangers,
    })),
    counts: [...counts].map(([name, value]) => ({name, value})),
  };
}
