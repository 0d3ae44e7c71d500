import type {Outcome, State} from '@tacoplex/election';
import {compareVersions, formatVersion, type LevelerId, type Version} from '@tacoplex/vocabulary';
import {leaseMs, type Machine} from './machine.ts';
import {nameOf} from './play.ts';
import {Violation} from './violation.ts';

/** A pre-vote may be this old when it counts: a round, delays, and the longest stall of whoever counts it. */
const preVoteMs = 3000;

/** A leader may be without a majority for this long: suspicion, a beat, and the wait after a stall. */
const quorumMs = 350;

/** Whoever waits for a silent leveler's lease to end waits 1.1 of it by his clock, which may run 1 % too fast. */
const fencedAfterMs = leaseMs * 1.1;

/** A lease that a caretaker gave itself is nobody's to wait for. */
const ownLeaseMs = leaseMs * 1.1;

/** Names a direction between two levelers. */
const way = (from: LevelerId, to: LevelerId): number => from * 65_536 + to;

type Everywhere = {readonly lineage: string; readonly version: Version};

/** Watches from outside, with the eyes of somebody who sees all levelers at once: what the rules are there for. */
export class Watch {
  readonly #leaderlessMs = new Map<LevelerId, number>();
  readonly #takenMs = new Map<number, number>();
  readonly #leadsSinceMs = new Map<LevelerId, number>();
  readonly #stalledMs = new Map<LevelerId, number>();
  readonly #everywhere = new Map<LevelerId, Everywhere>();
  /** What was everywhere but at a member whose lease was over. */
  readonly #passedBy = new Map<LevelerId, Everywhere>();
  readonly #caredMs = new Map<LevelerId, number>();

  /** After each step of an elector. @throws Violation */
  see(machine: Machine, before: State, after: State, nowMs: number): void {
    const {id} = machine;
    if (after.leader === undefined && after.role.kind !== 'leader') {
      this.#leaderlessMs.set(id, nowMs);
    }

    if (after.role.kind !== 'leader') {
      this.#leadsSinceMs.delete(id);
    } else if (!this.#leadsSinceMs.has(id)) {
      this.#leadsSinceMs.set(id, nowMs);
    }

    if (after.charge.kind === 'caretaker' || before.charge.kind === 'caretaker') {
      this.#caredMs.set(id, nowMs);
    }

    if (after.role.kind === 'candidate' && before.role.kind !== 'candidate') {
      this.#checkCandidacy(id, after, nowMs);
    }
  }

  noteTaken(to: LevelerId, from: LevelerId, nowMs: number): void {
    this.#takenMs.set(way(from, to), nowMs);
  }

  noteStall(id: LevelerId, untilMs: number): void {
    this.#stalledMs.set(id, untilMs);
  }

  /** Q1: whoever leads hears a majority. When time passes for a leader. */
  checkQuorum({id, state}: Machine, nowMs: number): void {
    const sinceMs = Math.max(this.#leadsSinceMs.get(id) ?? nowMs, this.#stalledMs.get(id) ?? 0);
    const {held, role} = state;
    if (role.kind !== 'leader' || held === undefined || nowMs - sinceMs < quorumMs) {
      return;
    }

    const heard = held.members.filter(
      member => member.id === id || nowMs - (this.#takenMs.get(way(member.id, id)) ?? -Infinity) < quorumMs,
    );
    if (heard.length <= held.members.length / 2) {
      throw new Violation('Q1', `${nameOf(id)} leads, and has heard ${heard.length} of ${held.members.length} lately`);
    }
  }

  /**
   * F1: whom a leader has not heard for 1.1 leases does not forward, unless as a caretaker, or by what a later leader has
   * committed. When time passes for a leader.
   */
  checkFence(
    {id, state}: Machine,
    others: readonly Machine[],
    forwards: (one: Machine) => boolean,
    nowMs: number,
  ): void {
    const sinceMs = Math.max(this.#leadsSinceMs.get(id) ?? nowMs, this.#stalledMs.get(id) ?? 0);
    if (state.role.kind !== 'leader' || nowMs - sinceMs <= fencedAfterMs) {
      return;
    }

    for (const other of others) {
      const heardMs = Math.max(sinceMs, this.#takenMs.get(way(other.id, id)) ?? 0);
      if (other.id === id || nowMs - heardMs <= fencedAfterMs || other.state.held?.lineage !== state.held?.lineage) {
        continue;
      }

      const isDeposed = (other.dataPath?.version.term ?? 0) > state.term;
      if (!this.#isCaring(other.id, nowMs) && !isThawing(other, nowMs) && !isDeposed && forwards(other)) {
        const silentMs = Math.round(nowMs - heardMs);
        throw new Violation(
          'F1',
          `${nameOf(other.id)} forwards, and its leader ${nameOf(id)} has not heard it for ${silentMs} ms`,
        );
      }
    }
  }

  /** P1: nobody begins a term while a majority follows a leader. */
  #checkCandidacy(id: LevelerId, {held, term}: State, nowMs: number): void {
    const members = held?.members ?? [];
    const free = members.filter(member => nowMs - (this.#leaderlessMs.get(member.id) ?? -Infinity) < preVoteMs);
    if (free.length <= members.length / 2) {
      throw new Violation(
        'P1',
        `${nameOf(id)} begins term ${term}, and of ${members.length} only ${free.length} are without a leader`,
      );
    }
  }

  /**
   * A command was answered: if everywhere, nobody may forward by an older state any more, neither who follows it nor who was
   * fenced and may come back.
   */
  noteAnswer(lineage: string | undefined, {refusal, version, applied, missing}: Outcome): void {
    if (lineage === undefined || version === undefined || refusal !== '') {
      return;
    }

    for (const id of missing) {
      this.#passedBy.set(id, {lineage, version});
    }

    for (const id of missing.length === 0 ? applied : []) {
      this.#everywhere.set(id, {lineage, version});
    }
  }

  /** A disk was lost: what was on it is no promise any more. */
  forget(id: LevelerId): void {
    this.#everywhere.delete(id);
    this.#passedBy.delete(id);
  }

  /**
   * B2: no leveler forwards by a state that is older than one that was everywhere. If it was fenced then: unless it is a
   * caretaker, its clock stood still, or its elector began lately and cannot know.
   */
  checkForwarding(machine: Machine, nowMs: number): void {
    const {id, dataPath, electorSinceMs} = machine;
    const isYoung = nowMs - electorSinceMs < ownLeaseMs;
    const isExcused = isYoung || isThawing(machine, nowMs) || this.#isCaring(id, nowMs);
    const passedBy = isExcused ? undefined : this.#passedBy.get(id);
    for (const promised of [this.#everywhere.get(id), passedBy]) {
      if (
        promised !== undefined &&
        dataPath !== undefined &&
        dataPath.lineage === promised.lineage &&
        compareVersions(dataPath.version, promised.version) < 0
      ) {
        const [is, was] = [formatVersion(dataPath.version), formatVersion(promised.version)];
        throw new Violation('B2', `${nameOf(id)} forwards by ${is} although ${was} was everywhere`);
      }
    }
  }

  #isCaring(id: LevelerId, nowMs: number): boolean {
    return nowMs - (this.#caredMs.get(id) ?? Number.NEGATIVE_INFINITY) < ownLeaseMs;
  }

  /** E6: what was heard before changes nothing. @param from whom the recording shows */
  checkReplay(self: LevelerId, from: LevelerId, before: State, after: State): void {
    const changed = (
      ['term', 'votedFor', 'leader', 'role', 'held', 'committed', 'kept', 'sound', 'settled', 'asks', 'rival'] as const
    ).find(field => before[field] !== after[field]);
    const [was, is] = [before.peers.get(from), after.peers.get(from)];
    const isMoved = (was?.live ?? false) !== (is?.live ?? false) || (is?.live === true && was?.freshMs !== is.freshMs);
    if (changed !== undefined || isMoved) {
      const what = changed ?? 'who lives';
      throw new Violation('E6', `a recording of ${nameOf(from)}, played to ${nameOf(self)}, changed ${what}`);
    }
  }
}

/** Its clock stood still, and its lease with it. */
function isThawing({frozenUntilMs}: Machine, nowMs: number): boolean {
  return nowMs - frozenUntilMs < fencedAfterMs;
}
