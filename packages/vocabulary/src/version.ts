import type {LevelerId} from './identifiers.ts';

/**
 * Name of one cluster state. Term and index order it; leader and boot nonce make it unique, so that
 * one name never stands for two contents, not even after a leader lost its memory.
 */
export type Version = {
  /** Election round of the leader that made it, 0 (no state yet) .. 2^32-1. */
  readonly term: number;
  readonly leader: LevelerId;
  /** Of the leader's process, 16 hexadecimal digits. */
  readonly nonce: string;
  /** Counts the states of one leader in one term, from 1. */
  readonly index: number;
};

/** Negative if `one` is older than `other`, 0 if neither is; to be used as a sort order. */
export function compareVersions(one: Version, other: Version): number {
  return one.term - other.term || one.index - other.index;
}

export function sameVersion(one: Version, other: Version): boolean {
  return compareVersions(one, other) === 0 && one.leader === other.leader && one.nonce === other.nonce;
}

/** As people read it: `term.index`, such as `7.12`. */
export function formatVersion({term, index}: Version): string {
  return `${term}.${index}`;
}
