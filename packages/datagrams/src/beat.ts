import {fromVersionMessage, toVersionMessage} from '@tacoplex/cluster';
import {
  type About,
  type Beat,
  type Claim,
  caretakings,
  type Echo,
  type Edition,
  type KeysShown,
  type Net,
  type Place,
  type RoleName,
  type Stamp,
  type Tried,
} from '@tacoplex/election';
import type {Decoded, Encodable, tacoplex} from '@tacoplex/messages';
import {
  fromHex,
  ipFromBytes,
  ipToBytes,
  type LevelerId,
  macFromBytes,
  macToBytes,
  toHex,
  type Version,
} from '@tacoplex/vocabulary';

type Wire = typeof tacoplex.cluster.v1;
export type Out<Name extends keyof Wire> = Wire[Name] extends {encode(message: infer M): unknown}
  ? Encodable<NonNullable<M>>
  : never;
export type In<Name extends keyof Wire> = Wire[Name] extends {decode(bytes: Uint8Array): infer M} ? Decoded<M> : never;
type VersionIn = Parameters<typeof fromVersionMessage>[0];

/** In the order of the numbers on the wire. */
const roles: readonly RoleName[] = ['joining', 'follower', 'candidate', 'leader'];

/** @throws RangeError unless there are 8 bytes */
export function readHex8(bytes: Uint8Array): string {
  if (bytes.length !== 8) {
    throw new RangeError(`8 bytes are needed, not ${bytes.length}`);
  }

  return toHex(bytes);
}

export function writeHex8(text: string): Uint8Array {
  return fromHex(text) ?? new Uint8Array();
}

/** @throws RangeError unless 1..65535 */
export function readId(id: number): LevelerId {
  if (id < 1 || id > 65_535) {
    throw new RangeError(`a leveler is 1..65535, not ${id}`);
  }

  return id as LevelerId;
}

export function readVersion(version: VersionIn | null | undefined): Version | undefined {
  return version ? fromVersionMessage(version) : undefined;
}

export function writeVersion(version: Version | undefined) {
  return version === undefined ? undefined : toVersionMessage(version);
}

export function writeStamp(stamp: Stamp | undefined): Out<'Stamp'> | undefined {
  return stamp === undefined ? undefined : {version: toVersionMessage(stamp.version), digest: writeHex8(stamp.digest)};
}

/** @throws RangeError if it is there and names no state */
export function readStamp(stamp: In<'Stamp'> | null | undefined): Stamp | undefined {
  return stamp?.version ? {version: fromVersionMessage(stamp.version), digest: readHex8(stamp.digest)} : undefined;
}

export function writeEcho({id, nonce, beat, member, heard}: Echo): Out<'Echo'> {
  return {id, nonce: writeHex8(nonce), beat, member, heardOn: writeHeard(heard)};
}

export function readEcho({id, nonce, beat, member, heardOn}: In<'Echo'>): Echo {
  const heard = readHeard(heardOn);
  return {id: readId(id), nonce: readHex8(nonce), beat, member, ...(heard === undefined ? {} : {heard})};
}

type Heard = Readonly<Record<Net, boolean>>;

/** 0: not told; then neither, only A, only B, both. */
function writeHeard(heard: Heard | undefined): number {
  return heard === undefined ? 0 : 1 + (heard.a ? 1 : 0) + (heard.b ? 2 : 0);
}

function readHeard(heardOn: number): Heard | undefined {
  return heardOn < 1 || heardOn > 4 ? undefined : {a: (heardOn - 1) % 2 === 1, b: heardOn > 2};
}

/** What changes from one beat to the next. */
export function writeChanging({beat, echoes, proofAgeMs}: Beat): Out<'Beat'> {
  return {beat, echoes: echoes.map(writeEcho), proofAgeMsPlusOne: writePlusOne(proofAgeMs)};
}

/** All else, which may stand for hours. */
export function writeStanding(beat: Beat): Out<'Beat'> {
  const {term, role, leader, leaving, sound, asking, held, kept, committed, applied, lineage, about} = beat;
  return {
    term,
    role: roles.indexOf(role),
    leader: leader ?? 0,
    leaving,
    sound,
    asking,
    held: writeStamp(held),
    kept,
    committed: writeVersion(committed),
    applied: writeStamp(applied),
    lineage: writeHex8(lineage ?? ''),
    memberCount: beat.memberCount,
    forks: beat.forks,
    about: writeAbout(about),
    ...writeEdition(beat.edition),
    keys: writeKeys(about.keys),
    caretaking: caretakings.indexOf(beat.caretaking),
    witness: beat.witness,
  };
}

/** @throws RangeError */
export function readChanging({
  beat,
  echoes,
  proofAgeMsPlusOne,
}: In<'Beat'>): Pick<Beat, 'beat' | 'echoes' | 'proofAgeMs'> {
  return {beat, echoes: echoes.map(readEcho), proofAgeMs: readPlusOne(proofAgeMsPlusOne)};
}

/** @throws RangeError */
export function readBeat(message: In<'Beat'>): Beat {
  const {term, leaving, sound, asking, kept, memberCount, forks, witness, lineage, leader, about} = message;
  return {
    kind: 'beat',
    ...readChanging(message),
    term,
    role: roles[message.role] ?? 'follower', // One that is not known here yet does not lead
    leader: leader === 0 ? undefined : readId(leader),
    leaving,
    sound,
    asking,
    held: readStamp(message.held),
    kept,
    committed: readVersion(message.committed),
    applied: readStamp(message.applied),
    lineage: lineage.length === 0 ? undefined : readHex8(lineage),
    memberCount,
    forks,
    witness,
    about: {...readAbout(about), ...readKeys(message.keys)},
    ...readEdition(message),
    caretaking: caretakings[message.caretaking] ?? 'asking', // One that is not known here yet lets nobody serve
  };
}

/** Not told: empty. */
export function writeEdition(edition: Edition | undefined): {configDigest: Uint8Array; software: string} {
  return {configDigest: writeHex8(edition?.configDigest ?? ''), software: edition?.software ?? ''};
}

/** @throws RangeError if the digest has not 8 bytes */
function readEdition({configDigest, software}: In<'Beat'>): Pick<Beat, 'edition'> {
  return configDigest.length === 0 ? {} : {edition: {software, configDigest: readHex8(configDigest)}};
}

function writeKeys(keys: KeysShown | undefined): Out<'KeysShown'> | undefined {
  return keys === undefined ? undefined : {accepts: keys.accepts.map(writeHex8), sends: writeHex8(keys.sends)};
}

function readKeys(keys: In<'KeysShown'> | null | undefined): Pick<About, 'keys'> {
  return keys ? {keys: {accepts: keys.accepts.map(readHex8), sends: readHex8(keys.sends)}} : {};
}

function writeAbout({
  name,
  a,
  b,
  reachesA,
  reachesB,
  reached,
  carrying,
  tried,
  diskFault,
  claims,
}: About): Out<'About'> {
  return {
    name,
    ...(a === undefined ? {} : {netAAddress: ipToBytes(a.address), netAMac: macToBytes(a.mac)}),
    ...(b === undefined ? {} : {netBAddress: ipToBytes(b.address), netBMac: macToBytes(b.mac)}),
    reachesA,
    reachesB,
    claims: claims.map(writeClaim),
    routersReachedPlusOne: writePlusOne(reached?.routers),
    serversReachedPlusOne: writePlusOne(reached?.servers),
    carrying,
    tried: tried && writeTried(tried),
    diskFault,
  };
}

export function writeTried({there, back}: Tried): Out<'Tried'> {
  return {
    therePasses: [...there.passes],
    thereFails: [...there.fails],
    backPasses: [...back.passes],
    backFails: [...back.fails],
  };
}

export function readTried(tried: In<'Tried'> | null | undefined): Pick<About, 'tried'> {
  return tried
    ? {
        tried: {
          there: {passes: tried.therePasses.map(readId), fails: tried.thereFails.map(readId)},
          back: {passes: tried.backPasses.map(readId), fails: tried.backFails.map(readId)},
        },
      }
    : {};
}

function readAbout(about: In<'About'> | null | undefined): About {
  if (!about) {
    throw new RangeError('a beat says who it is of');
  }

  return {
    name: about.name,
    a: readPlace(about.netAAddress, about.netAMac),
    b: readPlace(about.netBAddress, about.netBMac),
    reachesA: about.reachesA,
    reachesB: about.reachesB,
    claims: about.claims.map(readClaim),
    reached: {routers: readPlusOne(about.routersReachedPlusOne), servers: readPlusOne(about.serversReachedPlusOne)},
    ...readCarrying(about.carrying),
    ...readTried(about.tried),
    ...(about.diskFault === '' ? {} : {diskFault: about.diskFault}),
  };
}

function readCarrying(carrying: In<'Carrying'> | null | undefined): Pick<About, 'carrying'> {
  return carrying ? {carrying: {whyNot: carrying.whyNot, sinceS: carrying.sinceS}} : {};
}

/** Undefined: 0. */
export function writePlusOne(count: number | undefined): number {
  return count === undefined ? 0 : count + 1;
}

export function readPlusOne(count: number): number | undefined {
  return count === 0 ? undefined : count - 1;
}

function readPlace(address: Uint8Array, mac: Uint8Array): Place | undefined {
  return address.length === 0 || mac.length !== 6 ? undefined : {address: ipFromBytes(address), mac: macFromBytes(mac)};
}

type WireClaim = {
  readonly address: Uint8Array;
  readonly turn: number;
  readonly holding: boolean;
  readonly releasing: boolean;
};

export function writeClaim({address, turn, holding, releasing}: Claim): WireClaim {
  return {address: ipToBytes(address), turn, holding, releasing};
}

/** @throws RangeError if the address is none */
export function readClaim({address, turn, holding, releasing}: WireClaim): Claim {
  return {address: ipFromBytes(address), turn, holding, releasing};
}
