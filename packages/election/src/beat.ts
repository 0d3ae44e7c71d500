import type {IpAddress, LevelerId, MacAddress, Version} from '@tacoplex/vocabulary';
import type {Caretaking} from './charge.ts';
import type {Edition} from './election.ts';
import type {Stamp} from './value.ts';

export type Net = 'a' | 'b';
export const nets = ['a', 'b'] as const;

/** One leveler's word on one shared address. */
export type Claim = {
  readonly address: IpAddress;
  /** Counts the changes of holder. */
  readonly turn: number;
  readonly holding: boolean;
  readonly releasing: boolean;
};

export type Place = {readonly address: IpAddress; readonly mac: MacAddress};

/** How many answer a leveler's announcer, of those it asks; undefined: it asks nobody, or does not know yet. */
export type Reached = {readonly routers: number | undefined; readonly servers: number | undefined};

/** Whether clients' frames get through a leveler, as far as it knows itself. */
export type Carrying = {
  /** In a few words; empty: it carries them. */
  readonly whyNot: string;
  /** Since when that is so: seconds since 1970, by its own clock. */
  readonly sinceS: number;
};

/** Levelers whose pings come out again, and those whose pings do not although others' do. */
export type TriedHalf = {readonly passes: readonly LevelerId[]; readonly fails: readonly LevelerId[]};

/** Through whom a leveler's pings come out: `there`, to a ServIP, and `back`, as a server's answer. */
export type Tried = {readonly there: TriedHalf; readonly back: TriedHalf};

/** Where a leveler is, and what it says of the shared addresses. */
export type About = {
  readonly name: string;
  readonly a: Place | undefined;
  readonly b: Place | undefined;
  readonly reachesA: boolean;
  readonly reachesB: boolean;
  readonly claims: readonly Claim[];
  /** Missing: not told. */
  readonly reached?: Reached | undefined;
  /** Missing: not told. */
  readonly carrying?: Carrying | undefined;
  /** What it cannot write to its disk, and why, in a few words; empty or missing: all is written, as far as it is known. */
  readonly diskFault?: string;
  /** Missing: not told. */
  readonly tried?: Tried | undefined;
  /** Missing: not told. */
  readonly keys?: KeysShown | undefined;
};

/** The keys that a leveler has on its disk, by fingerprint. */
export type KeysShown = {
  /** Those that it believes. */
  readonly accepts: readonly string[];
  /** The one that it signs with. */
  readonly sends: string;
};

export type RoleName = 'joining' | 'follower' | 'candidate' | 'leader';

/** What the speaker last heard of `id`. */
export type Echo = {
  readonly id: LevelerId;
  readonly nonce: string;
  readonly beat: number;
  /** `id` is a member in the state that the speaker holds. */
  readonly member: boolean;
  /** Where `id` was heard within the time of suspicion. Undefined: not told. */
  readonly heard?: Readonly<Record<Net, boolean>>;
};

/** "I am alive." */
export type Beat = {
  readonly kind: 'beat';
  /** Counts regular beats; the ones between repeat the last number. */
  readonly beat: number;
  readonly term: number;
  readonly role: RoleName;
  readonly leader: LevelerId | undefined;
  readonly leaving: boolean;
  /** Knows its last vote. */
  readonly sound: boolean;
  /** No member, and asks to become one. */
  readonly asking: boolean;
  readonly held: Stamp | undefined;
  /** `held` is on disk. */
  readonly kept: boolean;
  readonly committed: Version | undefined;
  readonly applied: Stamp | undefined;
  readonly lineage: string | undefined;
  readonly memberCount: number;
  readonly forks: number;
  readonly echoes: readonly Echo[];
  readonly about: About;
  /** Undefined: not told. */
  readonly edition?: Edition;
  /** How old the proof of its own right to serve is, ms, whole; undefined: it has none now. */
  readonly proofAgeMs: number | undefined;
  readonly caretaking: Caretaking;
  readonly witness: boolean;
};
