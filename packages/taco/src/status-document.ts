import {type Answer, tacoplex} from '@tacoplex/messages';
import {ipFromBytes, macFromBytes, toHex} from '@tacoplex/vocabulary';
import {describeHearing} from './hearing.ts';
import {beatsCome} from './presence.ts';
import {affinities, formatProtocol} from './protocols.ts';
import type {
  GroupDocument,
  LevelerDocument,
  ServerDocument,
  ServiceDocument,
  SharedDocument,
  StatusDocument,
} from './schemas.ts';
import {describeServing} from './serving.ts';
import {describeStanding} from './standing.ts';
import {findWarnings} from './warnings.ts';

export type StatusAnswered = NonNullable<Answer<'admin.ask'>['status']>;
export type ViewAnswered = NonNullable<StatusAnswered['view']>;
export type PeerAnswered = ViewAnswered['peers'][number];
type PlainVersion = {readonly term: number; readonly index: number};

const never = 4_294_967_295;
const securityModes = ['enforcing', 'permissive', 'receive-only'] as const;
const serverStates = ['ready', 'draining', 'maintenance'] as const;
/** In the order of their numbers in messages. */
const caretakings = ['idle', 'asking', 'caretaker', 'stopped'] as const;
const {Role} = tacoplex.bus.v1;

/** What the broker answered, as `--json` prints it; the tables for people are printed from this too. */
export function describeStatus(answer: StatusAnswered): StatusDocument {
  const {view, state} = answer;
  const self = view?.peers.find(({id}) => id === view.self);
  const differ = differing(answer);
  const bare: Omit<StatusDocument, 'warnings' | 'standing' | 'serving'> = {
    cluster: answer.cluster === '' ? null : answer.cluster,
    software: answer.software,
    version: formatPlainVersion(state?.version),
    digest: formatDigest(answer.digest),
    agree: differ === undefined ? null : differ.length === 0,
    differ: differ ?? [],
    self: self?.name ?? null,
    role: view ? ownRole(view) : null,
    leader: view ? nameOf(view, view.leader) : null,
    term: view?.term ?? null,
    mayForward: view?.mayForward ?? null,
    hasMajority: view?.hasMajority ?? null,
    securityMode: securityModes.find(mode => mode === view?.securityMode) ?? null,
    servedBy: view ? nameOf(view, view.servedBy) : null,
    levelers: view?.peers.map(peer => describeLeveler(view, peer)) ?? [],
    outsiders: (state?.outsiders ?? []).map(({id, name, removed}) => ({id, name, removed})),
    addresses: describeAddresses(answer),
    engine: describeEngine(answer),
    groups: describeGroups(answer),
    services: describeServices(answer),
    servers: describeServers(answer),
    processes: answer.processes.map(({name, silenceMs}) => ({name, silenceMs: duration(silenceMs)})),
    reasons: describeReasons(answer),
  };
  const stand = describeStanding(bare, caretakings[view?.caretaking ?? 0] ?? 'idle');
  const {state: is, words} = stand;
  return {...bare, standing: {state: is, words}, serving: describeServing(bare), warnings: findWarnings(bare, stand)};
}

/** Of the leveler that answered; undefined: its elector is silent. */
export function ownNameOf({view}: StatusAnswered): string | undefined {
  return view?.peers.find(({id}) => id === view.self)?.name;
}

/** @returns null for no version, or the one that stands for no state */
export function formatPlainVersion(version: PlainVersion | null | undefined): string | null {
  return version && (version.term > 0 || version.index > 0) ? `${version.term}.${version.index}` : null;
}

function formatDigest(digest: Uint8Array): string | null {
  return digest.length === 8 ? toHex(digest) : null;
}

/** @returns live levelers that follow another state than this one; undefined: not known */
function differing({digest, view}: StatusAnswered): string[] | undefined {
  if (!view || digest.length === 0) {
    return undefined;
  }

  const own = toHex(digest);
  return view.peers
    .filter(peer => peer.id !== view.self && peer.live && toHex(peer.digest) !== own)
    .map(({name}) => name);
}

/** @returns null for 0, nobody; its number in words for a leveler that has not been heard of */
function nameOf(view: ViewAnswered, id: number): string | null {
  return id === 0 ? null : (view.peers.find(peer => peer.id === id)?.name ?? `leveler number ${id}`);
}

function ownRole({role}: ViewAnswered): LevelerDocument['role'] {
  switch (role) {
    case Role.LEADER:
      return 'leader';
    case Role.CANDIDATE:
      return 'candidate';
    case Role.FOLLOWER:
      return 'follower';
    default:
      return 'joining';
  }
}

function describeLeveler(view: ViewAnswered, peer: PeerAnswered): LevelerDocument {
  const isSelf = peer.id === view.self;
  const silenceMs = isSelf ? 0 : duration(Math.min(peer.silenceAMs, peer.silenceBMs));
  return {
    id: peer.id,
    name: peer.name,
    addressA: address(peer.netAAddress),
    address: address(peer.netBAddress),
    self: isSelf,
    member: peer.member,
    state: levelerState(peer),
    role: isSelf ? ownRole(view) : peerRole(view, peer),
    version: formatPlainVersion(peer.version),
    digest: formatDigest(peer.digest),
    holds: peer.claims.filter(({holding}) => holding).map(claim => ipFromBytes(claim.address)),
    silenceMs,
    reachesA: peer.reachesA,
    reachesB: peer.reachesB,
    routersReached: plusOne(peer.reached?.routersPlusOne),
    serversReached: plusOne(peer.reached?.serversPlusOne),
    carries: describeCarrying(peer),
    tried: describeTried(view, peer),
    diskFault: peer.diskFault === '' ? null : peer.diskFault,
    hears: describeHearing(view, peer, beatsCome({silenceMs})),
    software: peer.software === '' ? null : peer.software,
    configDigest: formatDigest(peer.configDigest),
    keys: describeKeys(peer),
  };
}

/** @param count 0, or missing: not known */
function plusOne(count = 0): number | null {
  return count === 0 ? null : count - 1;
}

function describeCarrying({carrying}: PeerAnswered): LevelerDocument['carries'] {
  return carrying
    ? {whyNot: carrying.whyNot === '' ? null : carrying.whyNot, since: new Date(carrying.sinceS * 1000).toISOString()}
    : null;
}

function describeTried(view: ViewAnswered, {tried}: PeerAnswered): LevelerDocument['tried'] {
  const namesOf = (ids: readonly number[]): string[] => ids.flatMap(id => nameOf(view, id) ?? []);
  return tried
    ? {
        there: {passes: namesOf(tried.therePasses), fails: namesOf(tried.thereFails)},
        back: {passes: namesOf(tried.backPasses), fails: namesOf(tried.backFails)},
      }
    : null;
}

function describeKeys({keySent, keysAccepted}: PeerAnswered): LevelerDocument['keys'] {
  return keySent.length === 8 ? {sends: keyIdOf(keySent), accepts: keysAccepted.map(keyIdOf)} : null;
}

/** What operators call a key: the part of its fingerprint that datagrams carry too. */
export function keyIdOf(fingerprint: Uint8Array): string {
  return toHex(fingerprint).slice(0, 8);
}

function levelerState({live, leaving}: PeerAnswered): LevelerDocument['state'] {
  if (leaving) {
    return 'leaving';
  }

  return live ? 'live' : 'suspect';
}

function peerRole(view: ViewAnswered, {id, member}: PeerAnswered): LevelerDocument['role'] {
  if (id === view.leader) {
    return 'leader';
  }

  return member ? 'follower' : 'joining';
}

function describeAddresses({announcer, view}: StatusAnswered): SharedDocument[] {
  return (announcer?.addresses ?? []).map(({address: bytes, net, holder, turn, heldMs, strangers}) => ({
    address: ipFromBytes(bytes),
    net: net === 'b' ? 'b' : 'a',
    holder: view ? nameOf(view, holder) : holder === 0 ? null : `leveler number ${holder}`,
    turn,
    heldMs,
    strangers: [...strangers],
  }));
}

function describeEngine({forwarder}: StatusAnswered): StatusDocument['engine'] {
  return forwarder
    ? {
        name: forwarder.engine,
        reason: forwarder.engineReason,
        interfaceA: forwarder.netAInterface,
        interfaceB: forwarder.netBInterface,
        haltedBecause: forwarder.haltedBecause === '' ? null : forwarder.haltedBecause,
        version: formatPlainVersion(forwarder.version),
        digest: formatDigest(forwarder.digest),
      }
    : null;
}

function describeGroups({state}: StatusAnswered): GroupDocument[] {
  return (state?.groups ?? []).map(({number, name}) => ({
    number,
    name,
    servers: state?.servers.filter(({group}) => group === number).length ?? 0,
    services: state?.services.filter(({group}) => group === number).length ?? 0,
  }));
}

function describeServices({state, forwarder}: StatusAnswered): ServiceDocument[] {
  const key = (service: {readonly address: Uint8Array; readonly protocol: number; readonly port: number}): string =>
    `${toHex(service.address)} ${service.protocol} ${service.port}`;
  const counters = new Map(forwarder?.services.map(service => [key(service), service]));
  return (state?.services ?? []).map(service => ({
    address: ipFromBytes(service.address),
    protocol: formatProtocol(service.protocol),
    port: service.port,
    group: groupName(state, service.group),
    affinity: affinities[service.affinity] ?? 'flow',
    packets: forwarder ? (counters.get(key(service))?.packets ?? 0) : null,
    bytes: forwarder ? (counters.get(key(service))?.bytes ?? 0) : null,
  }));
}

function describeServers({state, forwarder, bins}: StatusAnswered): ServerDocument[] {
  const counters = new Map(forwarder?.servers.map(server => [server.number, server]));
  const binsOf = new Map(bins.map(server => [server.number, server.bins]));
  return (state?.servers ?? []).map(({number, name, address: bytes, group, weight, state: serverState}) => {
    const counted = counters.get(number);
    return {
      number,
      name,
      address: ipFromBytes(bytes),
      group: groupName(state, group),
      state: serverStates[serverState] ?? 'ready',
      weight,
      bins: binsOf.get(number) ?? 0,
      packets: forwarder ? (counted?.packets ?? 0) : null,
      bytes: forwarder ? (counted?.bytes ?? 0) : null,
      mac: counted?.mac.length === 6 ? macFromBytes(counted.mac) : null,
      otherMac: counted?.otherMac.length === 6 ? macFromBytes(counted.otherMac) : null,
      silenceMs: duration(counted?.silenceMs ?? never),
    };
  });
}

function groupName(state: StatusAnswered['state'], group: number): string {
  return state?.groups.find(({number}) => number === group)?.name ?? String(group);
}

/** Whose count it is stands before its name: more than one process counts what is `malformed`. */
function describeReasons({forwarder, announcer, view}: StatusAnswered): StatusDocument['reasons'] {
  const counts = {frame: forwarder?.reasons ?? [], arp: announcer?.counts ?? [], datagram: view?.losses ?? []};
  return Object.entries(counts).flatMap(([what, all]) =>
    all.filter(({value}) => value > 0).map(({name, value}) => ({name: `${what} ${name}`, count: value})),
  );
}

function duration(ms: number): number | null {
  return ms >= never ? null : ms;
}

function address(bytes: Uint8Array): string | null {
  return bytes.length === 4 || bytes.length === 16 ? ipFromBytes(bytes) : null;
}
