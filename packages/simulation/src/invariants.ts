import type {State, Value} from '@tacoplex/election';
import {compareVersions, formatVersion, type LevelerId} from '@tacoplex/vocabulary';
import {toyOf} from './toy-content.ts';

type Led = {readonly term: number; readonly entries: ReadonlySet<string>};
type Committed = {readonly term: number; readonly entries: readonly string[]};

/** Watches every step of every leveler for what must never happen. */
export class Invariants {
  readonly #leaders = new Map<string, LevelerId>();
  readonly #digests = new Map<string, string>();
  readonly #led = new Map<string, Led[]>();
  readonly #committed = new Map<string, Committed[]>();

  /** @throws Error that names the broken invariant */
  check(self: LevelerId, before: State, after: State): void {
    this.#checkLeader(self, before, after);
    this.#checkVersions(self, before, after);
    if (after.committed !== undefined && after.committed !== before.committed && after.role.kind === 'leader') {
      this.#noteCommitted(after.committed);
    }
  }

  /** Every entry that any leader has committed in this line. */
  entriesOf(lineage: string): ReadonlySet<string> {
    return new Set((this.#committed.get(lineage) ?? []).flatMap(({entries}) => entries));
  }

  #checkLeader(self: LevelerId, before: State, after: State): void {
    if (after.role.kind !== 'leader' || before.role.kind === 'leader' || after.held === undefined) {
      return;
    }

    const {lineage} = after.held;
    const key = `${lineage}/${after.term}`;
    const other = this.#leaders.get(key);
    if (other !== undefined) {
      throw new Error(`E1: ${other} and ${self} both lead term ${after.term}`);
    }

    this.#leaders.set(key, self);
    const led = {term: after.term, entries: new Set(toyOf(after.held).entries)};
    this.#led.set(lineage, [...(this.#led.get(lineage) ?? []), led]);
    for (const {term, entries} of this.#committed.get(lineage) ?? []) {
      assertContains(led, term, entries);
    }
  }

  #noteCommitted(value: Value): void {
    const {lineage, version} = value;
    const {entries} = toyOf(value);
    this.#committed.set(lineage, [...(this.#committed.get(lineage) ?? []), {term: version.term, entries}]);
    for (const led of this.#led.get(lineage) ?? []) {
      assertContains(led, version.term, entries);
    }

    if (new Set(entries).size !== entries.length) {
      throw new Error(`E5: a command took effect twice in ${formatVersion(version)}`);
    }
  }

  #checkVersions(self: LevelerId, before: State, after: State): void {
    for (const value of [after.held, after.committed]) {
      if (value !== undefined) {
        this.#checkName(value);
      }
    }

    if (isOlder(after.held, before.held) || isOlder(after.committed, before.committed)) {
      throw new Error(`E4: a version of ${self} fell`);
    }
  }

  #checkName({lineage, version, digest}: Value): void {
    const name = `${lineage}/${version.term}/${version.leader}/${version.nonce}/${version.index}`;
    const known = this.#digests.get(name) ?? digest;
    this.#digests.set(name, known);
    if (known !== digest) {
      throw new Error(`E3: version ${formatVersion(version)} names two contents`);
    }
  }
}

function isOlder(after: Value | undefined, before: Value | undefined): boolean {
  return (
    after !== undefined &&
    before !== undefined &&
    after.lineage === before.lineage &&
    compareVersions(after.version, before.version) < 0
  );
}

function assertContains({term, entries}: Led, committedTerm: number, committed: readonly string[]): void {
  const lost = committed.find(entry => !entries.has(entry));
  if (term > committedTerm && lost !== undefined) {
    throw new Error(`E2: the leader of term ${term} lacks ${lost}, committed in term ${committedTerm}`);
  }
}
