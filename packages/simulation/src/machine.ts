import type {State as AnnouncerState} from '@tacoplex/announcing';
import type {WantedKeys} from '@tacoplex/cluster';
import {
  type About,
  type Event,
  firstState,
  type Memory,
  type Net,
  type Setup,
  type Stamp,
  type State,
  type Value,
} from '@tacoplex/election';
import type {IpAddress, LevelerId, MacAddress} from '@tacoplex/vocabulary';
import {firstRing, type Ring} from './key-rings.ts';
import {nameOf} from './play.ts';

export type Heard = Extract<Event, {kind: 'heard'}>;

/** A datagram that a process took, and when in its life. */
export type Recorded = Pick<Heard, 'net' | 'header' | 'body'> & {readonly ageMs: number};

/** What a power cut leaves. */
export type Disk = {memory: Memory | undefined; value: Value | undefined; valueSound: boolean};

/** A leveler: one box, an elector, an announcer, a data path, a disk. Times are of the simulation unless said. */
export type Machine = {
  readonly id: LevelerId;
  /** The box runs. */
  up: boolean;
  /** Counts the lives of the box, and of its elector. */
  boots: number;
  electorLives: number;
  electorSinceMs: number;
  /** What its own clock shows: `(now - lagMs) * rate + originMs`. It never jumps back; no wall clock is read anywhere. */
  originMs: number;
  rate: number;
  lagMs: number;
  /** Its elector takes nothing until then: what arrives waits. */
  pausedUntilMs: number;
  /** Its announcer neither. */
  frozenUntilMs: number;

  setup: Setup;
  state: State;
  sequence: number;
  wakeMs: number;
  diskFreeMs: number;
  /** Nothing can be written until then: it is tried again each second. */
  diskFullUntilMs: number;
  /** What its elector wants on the disk; an older one that could not be written is given up. */
  wanted: {memory: Memory | undefined; value: Value | undefined};
  disk: Disk;
  about: About;

  announcer: AnnouncerState | undefined;
  announcerWakeMs: number;

  /** Its key ring, on the disk and in use. */
  ring: Ring;
  /** The keys that it is to have, by the state that took effect in this life of its elector. */
  wantedKeys: WantedKeys | undefined;
  /** Another ring is on its way to the disk. */
  isKeepingKeys: boolean;

  /** What the data path follows: it outlives the elector. */
  dataPath: (Stamp & {readonly lineage: string}) | undefined;
  dataPathFreeMs: number;
  /** Until when it forwards without another word of the elector. */
  leaseUntilMs: number;

  /** The first datagrams that this life of its elector took, those that the one before took, and the last ones. */
  record: Recorded[];
  recording: readonly Recorded[];
  lately: Recorded[];
};

/** A box that was never switched on. @param rate of its clock, 1 is right */
export function newMachine(setup: Setup, rate: number): Machine {
  const about = aboutOf(setup.id);
  const disk: Disk = {memory: undefined, value: undefined, valueSound: false};
  return {
    id: setup.id,
    up: false,
    boots: 0,
    electorLives: 0,
    electorSinceMs: 0,
    originMs: 0,
    rate,
    lagMs: 0,
    pausedUntilMs: 0,
    frozenUntilMs: 0,
    setup,
    state: firstState(setup, 0, about, disk)[0],
    sequence: 0,
    wakeMs: 0,
    diskFreeMs: 0,
    diskFullUntilMs: 0,
    wanted: {memory: undefined, value: undefined},
    disk,
    about,
    announcer: undefined,
    announcerWakeMs: 0,
    ring: firstRing,
    wantedKeys: undefined,
    isKeepingKeys: false,
    dataPath: undefined,
    dataPathFreeMs: 0,
    leaseUntilMs: 0,
    record: [],
    recording: [],
    lately: [],
  };
}

/** What the machine's own clock shows. */
export function localMs({originMs, rate, lagMs}: Machine, nowMs: number): number {
  return (nowMs - lagMs) * rate + originMs;
}

/** More than the rounding of a clock that has run for years. */
const roundingMs = 1e-4;

/** When its clock will show `ms`, or a little more: never less, or a timer would fire before it is due, again and again. */
export function whenShows({originMs, rate, lagMs}: Machine, ms: number): number {
  return (ms - originMs) / rate + lagMs + roundingMs;
}

/** How long a data path goes on without a word of its elector. */
export const leaseMs = 2000;

const recordForMs = 3000;
const latelyCount = 64;

/** Note a datagram for those who play recordings back. */
export function record(machine: Machine, {net, header, body}: Heard, nowMs: number): void {
  const one: Recorded = {net, header, body, ageMs: nowMs - machine.electorSinceMs};
  if (one.ageMs < recordForMs) {
    machine.record.push(one);
  }

  machine.lately.push(one);
  if (machine.lately.length > 2 * latelyCount) {
    machine.lately.splice(0, latelyCount);
  }
}

/** Where a leveler is, holding nothing. */
export function aboutOf(leveler: LevelerId): About {
  return {
    name: nameOf(leveler),
    a: {address: addressOf(leveler, 0), mac: macOf(leveler, 'a')},
    b: {address: addressOf(leveler, 1), mac: macOf(leveler, 'b')},
    reachesA: true,
    reachesB: true,
    claims: [],
  };
}

export function macOf(leveler: LevelerId, net: Net): MacAddress {
  return `02:00:00:0${net}:${hex(leveler >> 8)}:${hex(leveler & 255)}` as MacAddress;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function addressOf(leveler: LevelerId, net: number): IpAddress {
  return `10.${net}.1.${leveler}` as IpAddress;
}
