import {compareVersions, type LevelerId, sameVersion, type Version} from '@tacoplex/vocabulary';
import type {KeysShown} from './beat.ts';

/** A leveler that counts for the majority; a witness does nothing else. */
export type Member = {readonly id: LevelerId; readonly name: string; readonly witness?: true};

/** Name and fingerprint of one cluster state. */
export type Stamp = {
  readonly version: Version;
  /** First 8 bytes of the SHA-256 of the state's canonical bytes, 16 hexadecimal digits. */
  readonly digest: string;
};

/** The one replicated value, of which the election reads only what stands here. */
export type Value = Stamp & {
  /** Names the line of states from one birth of a cluster on, 16 hexadecimal digits. */
  readonly lineage: string;
  /** How many times an operator has given members up since that birth. Each time it is another line. */
  readonly forks: number;
  /** Ascending by id. */
  readonly members: readonly Member[];
  /** Ids of levelers that an operator has removed: they are not admitted. */
  readonly barred: readonly LevelerId[];
  readonly bytes: Uint8Array;
};

/** What became of a command on a state. */
export type Carried =
  | {readonly kind: 'done'; readonly value: Value; readonly changes: readonly string[]}
  | {readonly kind: 'refused'; readonly refusal: string; readonly advice: string}
  | {readonly kind: 'repeated'; readonly refusal: string; readonly changes: readonly string[]};

/** The keys of the levelers that are heard, by id: commands about keys depend on them. */
export type ShownKeys = ReadonlyMap<LevelerId, KeysShown>;

/** What the election cannot know of the value: functions of values, handed in because they hash. */
export type Content = {
  /** The same state under another version. */
  readonly restamp: (value: Value, version: Version) => Value;
  readonly carryOut: (value: Value, version: Version, command: Uint8Array, shown: ShownKeys) => Carried;
  /** Members that a command gives up although there is no majority; none: it is no such command. */
  readonly givesUp: (command: Uint8Array) => readonly LevelerId[];
  /** The command that makes `member` a member. @param id 16 bytes, never used twice */
  readonly admission: (member: Member, id: Uint8Array) => Uint8Array;
  readonly encodePatch: (from: Value, to: Value) => Uint8Array;
  /** @throws RangeError if it does not fit */
  readonly applyPatch: (from: Value, patch: Uint8Array) => Value;
  /** @throws RangeError if the bytes are no canonical state of this cluster */
  readonly open: (bytes: Uint8Array) => Value;
};

export function sameStamp(one: Stamp | undefined, other: Stamp | undefined): boolean {
  return (
    one !== undefined && other !== undefined && one.digest === other.digest && sameVersion(one.version, other.version)
  );
}

/** Whether `one` is strictly newer; anything is newer than nothing. */
export function isNewer(one: Version | undefined, other: Version | undefined): boolean {
  return one !== undefined && (other === undefined || compareVersions(one, other) > 0);
}

export function stampOf({version, digest}: Stamp): Stamp {
  return {version, digest};
}

/** More than half of the members. */
export function majorityOf(members: readonly Member[]): number {
  return Math.floor(members.length / 2) + 1;
}

export function isBarred(value: Value | undefined, id: LevelerId): boolean {
  return value?.barred.includes(id) ?? false;
}

export function isMember(value: Value | undefined, id: LevelerId): boolean {
  for (const member of value?.members ?? []) {
    if (member.id === id) {
      return true;
    }
  }

  return false;
}
