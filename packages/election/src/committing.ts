import {compareVersions, type LevelerId, sameVersion, type Version} from '@tacoplex/vocabulary';
import {finish} from './answering.ts';
import type {KeysShown} from './beat.ts';
import type {Job, Leader, Outcome, State} from './election.ts';
import {commit} from './following.ts';
import {propose, resign} from './leading.ts';
import {membersOf, setLeading, type Turn} from './turn.ts';
import {isMember, isNewer, majorityOf, type ShownKeys, sameStamp, type Value} from './value.ts';

/** At a leader: see whether a majority has kept the held state, and go on with what waits for it. */
export function tryCommit(turn: Turn): void {
  const {state} = turn;
  if (state.role.kind !== 'leader' || state.held === undefined) {
    return;
  }

  if (!sameStamp(state.held, state.committed)) {
    commitIfKept(turn, state.held);
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

function commitIfKept(turn: Turn, held: Value): void {
  const {setup, state} = turn;
  const keptBy = held.members
    .map(({id}) => id)
    .filter(id => (id === setup.id ? state.kept && state.sound : hasKept(state, id)));
  if (held.version.term === state.term && keptBy.length >= majorityOf(held.members)) {
    noteKeepers(turn, held.version, keptBy);
    commit(turn, held);
  }
}

/** Those who have gone on to the next state when the command is answered have had this one on disk all the same. */
function noteKeepers(turn: Turn, version: Version, keptBy: readonly LevelerId[]): void {
  const {role} = turn.state;
  if (role.kind === 'leader') {
    const note = (job: Job): Job =>
      job.done !== undefined && sameVersion(job.done.version, version) ? {...job, done: {...job.done, keptBy}} : job;
    setLeading(turn, {jobs: role.jobs.map(note)});
  }
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
  const carried = setup.content.carryOut(held, next, job.command, shownKeys(turn));
  if (carried.kind === 'refused') {
    refuseJob(turn, job, carried, held.version);
    return;
  }

  const loss = carried.kind === 'done' ? findLoss(turn, held, carried.value) : undefined;
  if (loss !== undefined) {
    refuseJob(turn, job, loss, held.version);
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

const untold: KeysShown = {accepts: [], sends: ''};

/** What this leveler and those that it hears show of their keys. */
function shownKeys({setup, state}: Turn): ShownKeys {
  const heard = [...state.peers.values()].filter(({live}) => live);
  return new Map([
    ...heard.map(({id, said}) => [id, said?.about.keys ?? untold] as const),
    [setup.id, state.about.keys ?? untold],
  ]);
}

type Refused = Pick<Outcome, 'refusal' | 'advice'>;

function refuseJob(turn: Turn, job: Job, {refusal, advice}: Refused, version: Version): void {
  finish(turn, job, {...nothing, refusal, advice, version});
  pump(turn);
}

/** Too few of the members after a change are heard: it could never be committed, and nothing after it. */
function findLoss({setup, state}: Turn, held: Value, {members}: Value): Refused | undefined {
  const heard = members.filter(({id}) => id === setup.id || state.peers.get(id)?.live === true).length;
  const needed = majorityOf(members);
  return held.members.length === members.length || heard >= needed
    ? undefined
    : {
        refusal: `after that ${heard} of ${members.length} levelers would be heard, and ${needed} would be needed: nothing could be changed any more`,
        advice: 'bring back, or remove, those that are not heard first; see: taco leveler list',
      };
}

const nothing = {advice: '', changes: [], kept: [], applied: [], missing: [], fenced: []};

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
      finish(turn, job, notConfirmed(turn));
    }

    return;
  }

  const {version, changes, refusal, keptBy} = job.done;
  const reached = reach(turn, version, keptBy);
  if (late || reached.missing.length === reached.fenced.length) {
    finish(turn, job, {refusal, advice: '', changes, version, ...reached});
  }
}

/** Whoever has not applied a state by then is fenced by its lease: 2 % for clocks and two beats on top. */
export function answerWithinMs(leaseMs: number): number {
  return leaseMs * 1.1;
}

function notConfirmed(turn: Turn) {
  const unkept = namesOfUnkept(turn);
  const why = unkept.length === 0 ? '' : ` (not on disk yet: ${unkept.join(', ')})`;
  return {
    ...nothing,
    refusal: `no majority of the levelers has confirmed the change in time${why}: it may still take effect`,
    advice: 'see `taco status`, then repeat the command',
    version: turn.state.held?.version,
  };
}

/** Who holds what is to be committed, and has not written it. */
function namesOfUnkept({setup, state}: Turn): string[] {
  const {held, kept, peers} = state;
  const hasNot = (id: LevelerId): boolean => {
    const said = peers.get(id)?.said;
    return id === setup.id ? !kept : said !== undefined && !said.kept && sameStamp(said.held, held);
  };
  return membersOf(held).flatMap(({id, name}) => (hasNot(id) ? [name] : []));
}

function isCommitted({committed}: State, version: Version): boolean {
  return committed !== undefined && compareVersions(committed.version, version) >= 0;
}

/**
 * Which members have a version, or a newer one, on disk; which follow it; which do not yet, and cannot do harm. Nobody
 * waits for a witness, which has no data path.
 *
 * @param keptBy who is known to have had it on disk
 */
export function reach(
  turn: Turn,
  version: Version,
  keptBy: readonly LevelerId[] = [],
): Pick<Outcome, 'kept' | 'applied' | 'missing' | 'fenced'> {
  const {setup, state} = turn;
  const ids = membersOf(state.held)
    .filter(({witness}) => witness !== true)
    .map(({id}) => id);
  const follows = (id: LevelerId): boolean => {
    const stamp = id === setup.id ? state.applied : state.peers.get(id)?.said?.applied;
    return stamp !== undefined && (sameVersion(stamp.version, version) || compareVersions(stamp.version, version) > 0);
  };
  const missing = ids.filter(id => !follows(id));
  return {
    kept: membersOf(state.held).flatMap(({id}) => (keptBy.includes(id) || keeps(turn, id, version) ? [id] : [])),
    applied: ids.filter(follows),
    missing,
    fenced: missing.filter(id => isFenced(turn, id)),
  };
}

function keeps({setup, state}: Turn, id: LevelerId, version: Version): boolean {
  if (id === setup.id) {
    return state.kept && !isNewer(version, state.held?.version);
  }

  const said = state.peers.get(id)?.said;
  return said !== undefined && said.term === state.term && said.kept && !isNewer(version, said.held?.version);
}

/**
 * Silent for so long that its lease is over, by this leveler's clock. A lease that an earlier leader let it have ends as long
 * after the election: a majority had lost that leader before.
 */
function isFenced({setup, state}: Turn, id: LevelerId): boolean {
  const peer = state.peers.get(id);
  const {a = Number.NEGATIVE_INFINITY, b = Number.NEGATIVE_INFINITY} = peer?.heardMs ?? {};
  const electedMs = state.role.kind === 'leader' ? state.role.sinceMs : state.nowMs;
  const isSilent = state.nowMs - Math.max(a, b, electedMs) >= answerWithinMs(setup.timing.leaseMs);
  return id !== setup.id && peer?.live !== true && isSilent;
}
