import {compareVersions, type LevelerId, sameVersion, type Version} from '@tacoplex/vocabulary';
import {finish} from './answering.ts';
import type {Job, Leader, State} from './election.ts';
import {commit} from './following.ts';
import {propose, resign} from './leading.ts';
import {setLeading, type Turn} from './turn.ts';
import {isMember, majorityOf, sameStamp} from './value.ts';

/** At a leader: see whether a majority has kept the held state, and go on with what waits for it. */
export function tryCommit(turn: Turn): void {
  const {state} = turn;
  if (state.role.kind !== 'leader' || state.held === undefined) {
    return;
  }

  if (!sameStamp(state.held, state.committed) && isKeptByMajority(turn)) {
    commit(turn, state.held);
  }

  finishJobs(turn);
  pump(turn);
  if (!isMember(turn.state.committed, turn.setup.id)) {
    leaveLead(turn);
  }
}

function leaveLead(turn: Turn): void {
  if (sameStamp(turn.state.committed, turn.state.held)) {
    resign(turn);
  }
}

function isKeptByMajority({setup, state}: Turn): boolean {
  const {held} = state;
  if (held === undefined || held.version.term !== state.term) {
    return false;
  }

  const keepers = held.members.filter(({id}) => (id === setup.id ? state.kept && state.sound : hasKept(state, id)));
  return keepers.length >= majorityOf(held.members);
}

/** An acknowledgement counts in the round of the leader only, and only from one that knows its votes. */
function hasKept({peers, term, held}: State, id: LevelerId): boolean {
  const said = peers.get(id)?.said;
  return said !== undefined && said.term === term && said.sound && said.kept && sameStamp(said.held, held);
}

/** Carry out the next command, once the state before is committed. */
export function pump(turn: Turn): void {
  const {state} = turn;
  const {role, held} = state;
  if (role.kind !== 'leader' || held === undefined || !sameStamp(held, state.committed)) {
    return;
  }

  const job = role.jobs.find(({done}) => done === undefined);
  if (job !== undefined) {
    carryOut(turn, role, job);
  }
}

function carryOut(turn: Turn, role: Leader, job: Job): void {
  const {setup, state} = turn;
  const {held} = state;
  if (held === undefined) {
    return;
  }

  const next = {...held.version, index: held.version.index + 1};
  const carried = setup.content.carryOut(held, next, job.command);
  if (carried.kind === 'refused') {
    finish(turn, job, {...nothing, refusal: carried.refusal, advice: carried.advice, version: held.version});
    pump(turn);
    return;
  }

  const [version, refusal] = carried.kind === 'done' ? [next, ''] : [held.version, carried.refusal];
  const jobs = role.jobs.map(one => (one === job ? {...job, done: {version, changes: carried.changes, refusal}} : one));
  setLeading(turn, {jobs});
  if (carried.kind === 'done') {
    propose(turn, carried.value);
  } else {
    finishJobs(turn);
    pump(turn);
  }
}

const nothing = {advice: '', changes: [], applied: [], missing: []};

/** Answer the commands that everybody follows, or whose time is up. */
export function finishJobs(turn: Turn): void {
  const {role} = turn.state;
  for (const job of role.kind === 'leader' ? role.jobs : []) {
    finishIfDone(turn, job);
  }
}

function finishIfDone(turn: Turn, job: Job): void {
  const {setup, state} = turn;
  const late = state.nowMs - job.sinceMs >= answerWithinMs(setup.timing.leaseMs);
  if (job.done === undefined || !isCommitted(state, job.done.version)) {
    if (late) {
      finish(turn, job, notConfirmed(state.held?.version));
    }

    return;
  }

  const {version, changes, refusal} = job.done;
  const {applied, missing} = reach(turn, version);
  const waited = missing.filter(id => id === setup.id || state.peers.get(id)?.live === true);
  if (late || waited.length === 0) {
    finish(turn, job, {refusal, advice: '', changes, version, applied, missing});
  }
}

/** Whoever has not applied a state by then is fenced by its lease: 2 % for clocks and two beats on top. */
export function answerWithinMs(leaseMs: number): number {
  return leaseMs * 1.1;
}

function notConfirmed(version: Version | undefined) {
  return {
    ...nothing,
    refusal: 'no majority of the levelers has confirmed the change in time: it may still take effect',
    advice: 'see `taco status`, then repeat the command',
    version,
  };
}

function isCommitted({committed}: State, version: Version): boolean {
  return committed !== undefined && compareVersions(committed.version, version) >= 0;
}

/** Which members follow a version, or a newer one, and which do not yet. */
export function reach({setup, state}: Turn, version: Version): {applied: LevelerId[]; missing: LevelerId[]} {
  const ids = (state.held?.members ?? []).map(({id}) => id);
  const follows = (id: LevelerId): boolean => {
    const stamp = id === setup.id ? state.applied : state.peers.get(id)?.said?.applied;
    return stamp !== undefined && (sameVersion(stamp.version, version) || compareVersions(stamp.version, version) > 0);
  };
  return {applied: ids.filter(follows), missing: ids.filter(id => !follows(id))};
}
