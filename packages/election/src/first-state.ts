import {sameVersion} from '@tacoplex/vocabulary';
import type {About} from './beat.ts';
import {noCharge} from './charge.ts';
import type {Action, Memory, Setup, State, Step} from './election.ts';
import {Peers} from './peers.ts';
import {memoryOf} from './rounds.ts';
import {isBarred, isMember, type Value} from './value.ts';

/** What was found on the disk at the start. undefined: nothing, or nothing that could be believed. */
export type Disk = {
  readonly memory: Memory | undefined;
  readonly value: Value | undefined;
  /** As the memory has it, of the process that wrote the state. */
  readonly valueSound: Memory['sound'];
  /** Missing: a power cut would leave all of it. */
  readonly atRisk?: AtRisk;
};

/** What a process before could not write to the disk, so that it would be gone with the power: it promises nothing. */
export type AtRisk = {
  readonly memory: boolean;
  readonly value: boolean;
  /** The state that is on the disk instead; undefined: none, or it may be older than what the data path follows. */
  readonly older: Value | undefined;
};

/** Whether whoever finds this knows every promise of its leveler. */
export function isSound({memory, value, valueSound}: Disk): boolean {
  return memory?.sound === true && value !== undefined && valueSound;
}

/**
 * What a leveler believes when its process starts.
 *
 * Only with both its memory and its state, left by a process that knew, does it know what it has promised; otherwise it neither
 * votes nor acknowledges until it has recovered.
 */
export function firstState(setup: Setup, nowMs: number, about: About, disk: Disk): Step {
  const {memory, value, atRisk} = disk;
  const committed = [value, atRisk?.older].find(one => isCommitted(one, memory));
  const state: State = {
    nowMs,
    startedMs: nowMs,
    judgeFromMs: nowMs,
    beat: 0,
    lastBeatMs: nowMs - setup.timing.beatMs,
    nextBeatMs: nowMs,
    isPulled: false,
    beatSoon: false,
    beatsAtMs: [],
    about,
    departed: false,
    bereft: false,
    leaving: false,
    peers: Peers.none,
    twin: undefined,
    role: isMember(value, setup.id) ? {kind: 'follower', standAtMs: undefined} : {kind: 'joining'},
    term: Math.max(memory?.term ?? 0, value?.version.term ?? 0),
    votedFor: votedFor(memory, value),
    voteSaved: atRisk?.memory !== true,
    sound: isSound(disk),
    leader: undefined,
    leaderlessSinceMs: nowMs,
    held: value,
    kept: value !== undefined && atRisk?.value !== true,
    committed,
    applied: undefined,
    settled: false,
    removed: !isMember(value, setup.id) && isBarred(value, setup.id),
    leaseFromMs: Number.NEGATIVE_INFINITY,
    lag: undefined,
    charge: noCharge,
    fetchedMs: undefined,
    behindSinceMs: undefined,
    newsMs: nowMs,
    rival: undefined,
    asks: [],
  };
  return [state, firstActions(state, disk)];
}

function isCommitted(value: Value | undefined, memory: Memory | undefined): boolean {
  return value !== undefined && memory?.committed !== undefined && sameVersion(value.version, memory.committed);
}

/** The data path goes on; and what is not on the disk yet is written. */
function firstActions(state: State, {value, atRisk}: Disk): Action[] {
  return [
    ...(state.committed === undefined ? [] : [{kind: 'apply', value: state.committed} as const]),
    ...(atRisk?.memory === true ? [{kind: 'save', memory: memoryOf(state)} as const] : []),
    ...(value !== undefined && atRisk?.value === true ? [{kind: 'store', value, sound: state.sound} as const] : []),
  ];
}

/** A vote counts in its own term only; a state of a later term shows that one has begun since. */
function votedFor(memory: Memory | undefined, value: Value | undefined): Memory['votedFor'] {
  return memory !== undefined && memory.term >= (value?.version.term ?? 0) ? memory.votedFor : undefined;
}
