import type {Outcome, State, Value} from '@tacoplex/election';
import {compareVersions, formatVersion, type LevelerId, type Version} from '@tacoplex/vocabulary';
import {toyOf} from './toy-content.ts';
import {Violation} from './violation.ts';

/** All states that descend from one birth of a cluster. */
type Line = {
  /** Who led each term, and what the state held when it began. */
  readonly led: Map<number, {readonly leader: LevelerId; readonly entries: ReadonlySet<string>}>;
  /** Every command that was committed, and the lowest term it was in. */
  readonly committed: Map<string, number>;
  /** Every command that was answered as carried out, and a version that has it. */
  readonly answered: Map<string, Version>;
  /** Digest of each version. */
  readonly digests: Map<string, string>;
};

/** Watches every step of every leveler for what must never happen: E1 to E5. */
export class Invariants {
  readonly #lines = new Map<string, Line>();

  /** @throws Violation */
  check(self: LevelerId, before: State, after: State): void {
    if (after.role.kind === 'leader' && before.role.kind !== 'leader' && after.held !== undefined) {
      this.#checkLeader(self, after.term, after.held);
    }

    if (after.held !== before.held) {
      this.#checkRise(self, before.held, after.held);
    }

    if (after.committed !== before.committed) {
      this.#checkRise(self, before.committed, after.committed);
      if (after.committed !== undefined && after.role.kind === 'leader') {
        this.#checkCommitted(after.committed);
      }
    }
  }

  /** A command was answered. @param lineage of whoever answered */
  noteAnswer(lineage: string | undefined, {refusal, changes, version}: Outcome): void {
    if (lineage !== undefined && version !== undefined && refusal === '') {
      for (const entry of changes) {
        this.#line(lineage).answered.set(entry, version);
      }
    }
  }

  #line(lineage: string): Line {
    const known = this.#lines.get(lineage) ?? {
      led: new Map(),
      committed: new Map(),
      answered: new Map(),
      digests: new Map(),
    };
    this.#lines.set(lineage, known);
    return known;
  }

  /** A sole member whose disk has lost its votes, and what it led by, leads a term again of which nobody else knows. */
  #checkLeader(self: LevelerId, term: number, held: Value): void {
    const {led, committed} = this.#line(held.lineage);
    const other = led.get(term);
    if (other !== undefined && !(other.leader === self && held.members.length === 1)) {
      throw new Violation('E1', `leveler${other.leader} and leveler${self} both lead term ${term}`);
    }

    const entries = new Set(toyOf(held).entries);
    led.set(term, {leader: self, entries});
    for (const [entry, committedTerm] of committed) {
      assertKeeps(term, entries, entry, committedTerm);
    }
  }

  #checkCommitted(value: Value): void {
    const {led, committed, answered} = this.#line(value.lineage);
    const {term} = value.version;
    const entries = toyOf(value).entries;
    const later = [...led].filter(([ledTerm]) => ledTerm > term);
    for (const entry of entries.filter(one => !committed.has(one))) {
      committed.set(entry, term);
      for (const [ledTerm, leader] of later) {
        assertKeeps(ledTerm, leader.entries, entry, term);
      }
    }

    const kept = new Set(entries);
    if (kept.size !== entries.length) {
      throw new Violation('E5', `a command took effect twice in ${formatVersion(value.version)}`);
    }

    // A leader that stalled may find out only now that an older version was committed long ago.
    const lost = [...answered].find(([entry, since]) => compareVersions(value.version, since) >= 0 && !kept.has(entry));
    if (lost !== undefined) {
      throw new Violation('E5', `${lost[0]} was answered as done and is not in ${formatVersion(value.version)}`);
    }
  }

  #checkRise(self: LevelerId, before: Value | undefined, after: Value | undefined): void {
    if (after === undefined) {
      return;
    }

    const {lineage, version, digest} = after;
    const {digests} = this.#line(lineage);
    const name = nameOf(version);
    const known = digests.get(name) ?? digest;
    digests.set(name, known);
    if (known !== digest) {
      throw new Violation('E3', `version ${formatVersion(version)} names two contents`);
    }

    if (before?.lineage === lineage && compareVersions(version, before.version) < 0) {
      throw new Violation('E4', `a version of leveler${self} fell to ${formatVersion(version)}`);
    }
  }
}

function nameOf({term, leader, nonce, index}: Version): string {
  return `${term}/${leader}/${nonce}/${index}`;
}

function assertKeeps(term: number, entries: ReadonlySet<string>, entry: string, committedTerm: number): void {
  if (term > committedTerm && !entries.has(entry)) {
    throw new Violation('E2', `the leader of term ${term} lacks ${entry}, committed in term ${committedTerm}`);
  }
}
