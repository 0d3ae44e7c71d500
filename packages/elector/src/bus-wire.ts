import {type Command, fromCommandMessage} from '@tacoplex/cluster';
import type {SecurityMode} from '@tacoplex/config';
import {
  readClaim,
  readPlusOne,
  readStamp,
  readTried,
  writeClaim,
  writeEdition,
  writeHex8,
  writeOutcome,
  writePlusOne,
  writeStamp,
  writeTried,
} from '@tacoplex/datagrams';
import {
  type About,
  caretakings,
  type Event,
  type Outcome,
  type Reached,
  type Stamp,
  type Value,
  type View,
  type ViewedPeer,
} from '@tacoplex/election';
import type {Asked, Incoming, Outgoing, Reply} from '@tacoplex/messages';
import {type IpAddress, ipToBytes, type LevelerId, macToBytes} from '@tacoplex/vocabulary';

const roles = ['joining', 'follower', 'candidate', 'leader'] as const;

/** On the bus: never heard. */
const never = 0xffff_ffff;

export function toStateSaid({bytes, digest}: Value): Outgoing<'elector.state'> {
  return {state: bytes, digest: writeHex8(digest)};
}

/**
 * @param losses datagrams that changed nothing, by class, and those that waited
 * @param arpKeys by which answers on net A are proven; none: nobody is asked
 */
export function toViewSaid(
  view: View,
  saidAtMs: number,
  losses: ReadonlyMap<string, number>,
  securityMode: SecurityMode,
  arpKeys: readonly Uint8Array[] = [],
): Outgoing<'elector.view'> {
  const {self, role, term, leader, mayForward, mayTake, hasMajority, leaseFromMs, caretaking, servedBy, probe, peers} =
    view;
  return {
    saidAtMs,
    self,
    role: roles.indexOf(role),
    term,
    leader: leader ?? 0,
    mayForward,
    mayTake,
    leaseFromMs: leaseFromMs ?? 0,
    caretaking: caretakings.indexOf(caretaking),
    servedBy: servedBy ?? 0,
    probe: probe ?? 0,
    hasMajority,
    peers: peers.map(toPeer),
    losses: [...losses].map(([name, value]) => ({name, value})),
    securityMode,
    arpKeys: [...arpKeys],
  };
}

function toPeer({id, name, member, witness, live, astray, leaving, about, silenceMs, ...more}: ViewedPeer) {
  const {applied, hears, edition} = more;
  return {
    id,
    name,
    member,
    witness,
    live,
    astray,
    leaving,
    silenceAMs: toSilence(silenceMs.a),
    silenceBMs: toSilence(silenceMs.b),
    ...writeStamp(applied),
    hears: hears.heard.map(({id: other, a, b}) => ({id: other, onA: a, onB: b})),
    hearsMore: hears.isPartial,
    ...writeEdition(edition),
    ...(about === undefined ? {} : placesOf(about)),
  };
}

function toSilence(ms: number | undefined): number {
  return ms === undefined ? never : Math.min(Math.round(ms), never - 1);
}

/** What a leveler says of itself stays the same for most views. */
const written = new WeakMap<About, ReturnType<typeof toPlaces>>();

function placesOf(about: About): ReturnType<typeof toPlaces> {
  const known = written.get(about) ?? toPlaces(about);
  written.set(about, known);
  return known;
}

function toPlaces({a, b, reachesA, reachesB, reached, carrying, tried, diskFault, claims, keys}: About) {
  return {
    ...(a === undefined ? {} : {netAAddress: ipToBytes(a.address), netAMac: macToBytes(a.mac)}),
    ...(b === undefined ? {} : {netBAddress: ipToBytes(b.address), netBMac: macToBytes(b.mac)}),
    reachesA,
    reachesB,
    reached: {routersPlusOne: writePlusOne(reached?.routers), serversPlusOne: writePlusOne(reached?.servers)},
    carrying,
    tried: tried && writeTried(tried),
    diskFault,
    claims: claims.map(writeClaim),
    ...(keys === undefined ? {} : {keysAccepted: keys.accepts.map(writeHex8), keySent: writeHex8(keys.sends)}),
  };
}

/** @throws RangeError if an address is none */
export function fromClaimsSaid({
  claims,
  reached,
  tried,
}: Incoming<'announcer.claims'>): Pick<About, 'claims' | 'reached' | 'tried'> {
  return {claims: claims.map(readClaim), ...(reached ? {reached: fromReached(reached)} : {}), ...readTried(tried)};
}

function fromReached({routersPlusOne, serversPlusOne}: NonNullable<Incoming<'announcer.claims'>['reached']>): Reached {
  return {routers: readPlusOne(routersPlusOne), servers: readPlusOne(serversPlusOne)};
}

export function fromProbedSaid({
  probe,
  done,
  answeredBy,
  provenBy,
}: Incoming<'announcer.probed'>): Omit<Extract<Event, {kind: 'probed'}>, 'nowMs'> {
  const ids = answeredBy.map(id => (id === 0 ? undefined : (id as LevelerId)));
  return {kind: 'probed', number: probe, isDone: done, answeredBy: ids, provenBy: provenBy.map(id => id as LevelerId)};
}

export function toLeaveAnswered({
  refusal,
  advice,
  held,
}: {
  readonly refusal: string;
  readonly advice: string;
  readonly held: readonly IpAddress[];
}): Reply<'elector.leave'> {
  return {refusal, advice, held: held.map(address => ipToBytes(address))};
}

/** @throws RangeError if it names no state */
export function fromAppliedSaid(applied: Incoming<'forwarder.applied'>): Stamp | undefined {
  return readStamp(applied as Parameters<typeof readStamp>[0]);
}

/** @throws RangeError with the path of what cannot be read */
export function fromCommandAsked({command}: Asked<'elector.command'>): Command {
  if (!command) {
    throw new RangeError('command: is missing');
  }

  return fromCommandMessage(command as Parameters<typeof fromCommandMessage>[0]);
}

export function toCommandAnswered(outcome: Outcome): Reply<'elector.command'> {
  return writeOutcome(outcome) as Reply<'elector.command'>;
}
