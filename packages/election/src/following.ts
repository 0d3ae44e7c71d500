import {type LevelerId, sameVersion} from '@tacoplex/vocabulary';
import type {Beat} from './beat.ts';
import {forgetTurn, giveWay} from './candidacy.ts';
import {tryCommit} from './committing.ts';
import type {Message, Proposal} from './election.ts';
import {isOfOurLine, noteRival} from './lineage.ts';
import {calmRole, enterTerm, save, setLeader, stepDown} from './rounds.ts';
import {act, send, set, type Turn, tell} from './turn.ts';
import {isBarred, isMember, isNewer, sameStamp, stampOf, type Value} from './value.ts';

/** Draw the conclusions from another's newest fresh beat. */
export function followBeat(turn: Turn, from: LevelerId, beat: Beat): void {
  const lineage = turn.state.held?.lineage;
  if (beat.lineage === undefined || lineage === undefined) {
    if (beat.lineage !== undefined) {
      set(turn, {newsMs: turn.state.nowMs});
    }

    return;
  }

  if (beat.lineage !== lineage) {
    noteRival(turn, beat);
    return;
  }

  followTerm(turn, from, beat);
  if (turn.state.leader === from) {
    followLeader(turn, beat);
  }

  tryCommit(turn);
}

function followTerm(turn: Turn, from: LevelerId, beat: Beat): void {
  if (beat.term > turn.state.term) {
    enterTerm(turn, beat.term);
    giveWay(turn, turn.setup.timing.suspectMs);
  }

  if (beat.term === turn.state.term && beat.role === 'leader' && !beat.leaving) {
    acknowledgeLeader(turn, from);
  } else if (turn.state.leader === from) {
    setLeader(turn, undefined); // It resigned, leaves, or began anew: nobody need wait to be sure
  }
}

/** Somebody leads this term: give way to him. */
export function acknowledgeLeader(turn: Turn, from: LevelerId): void {
  const {role} = turn.state;
  if (role.kind === 'leader') {
    act(turn, {kind: 'count', drop: 'conflict', sender: from});
  }

  if (role.kind !== 'follower' && role.kind !== 'joining') {
    stepDown(turn);
  } else {
    forgetTurn(turn);
  }

  setLeader(turn, from);
}

function followLeader(turn: Turn, beat: Beat): void {
  const {state} = turn;
  const level = sameStamp(state.held, beat.held);
  const behindSinceMs = level ? undefined : (state.behindSinceMs ?? state.nowMs);
  const settled = state.settled || (level && state.committed !== undefined);
  if (behindSinceMs !== state.behindSinceMs || settled !== state.settled) {
    set(turn, {behindSinceMs, settled});
  }

  if (state.held !== undefined && beat.committed !== undefined && sameVersion(state.held.version, beat.committed)) {
    commit(turn, state.held);
  }
}

/** A majority has kept this state: it takes effect. */
export function commit(turn: Turn, value: Value): void {
  if (sameStamp(turn.state.committed, value)) {
    return;
  }

  set(turn, {committed: value, settled: true, beatSoon: true});
  if (turn.setup.isWitness === true) {
    set(turn, {applied: stampOf(value)}); // No data path has to follow it
  }

  act(turn, {kind: 'apply', value});
  save(turn);
  tell(turn, {kind: 'committed', stamp: stampOf(value), members: value.members.length});
}

/** Hold another state from now on. It is acknowledged once it is on disk. */
export function hold(turn: Turn, value: Value): void {
  const {setup, state} = turn;
  const [was, is] = [isMember(state.held, setup.id), isMember(value, setup.id)];
  set(turn, {
    held: value,
    kept: false,
    removed: !is && isBarred(value, setup.id),
    behindSinceMs: undefined,
    newsMs: state.nowMs,
    beatSoon: true,
  });
  act(turn, {kind: 'store', value, sound: state.sound});
  if (was !== is && state.role.kind !== 'leader') {
    set(turn, {role: calmRole(turn)});
  }

  if (was && !is) {
    tell(turn, {kind: 'removed'});
  }
}

/** Take the state that another sends: the leader's, or the one that was fetched to recover. */
export function takeProposal(turn: Turn, from: LevelerId, proposal: Proposal): void {
  if (!mayTake(turn, from, proposal)) {
    return;
  }

  const value = readProposal(turn, from, proposal);
  if (value === undefined) {
    return;
  }

  if (turn.state.held !== undefined && turn.state.held.lineage !== value.lineage) {
    act(turn, {kind: 'count', drop: 'other-lineage', sender: from});
    return;
  }

  if (proposal.leading) {
    followProposer(turn, from, proposal.term);
  }

  if (proposal.newcomer) {
    becomeSound(turn, 'newcomer');
  }

  if (isNewer(value.version, turn.state.held?.version)) {
    hold(turn, value);
  }
}

function mayTake({state}: Turn, from: LevelerId, {leading, term}: Proposal): boolean {
  if (state.held === undefined || !leading) {
    return state.fetchedMs !== undefined;
  }

  return state.role.kind !== 'leader' && term >= state.term && isOfOurLine(state, from);
}

function followProposer(turn: Turn, from: LevelerId, term: number): void {
  if (term > turn.state.term) {
    enterTerm(turn, term);
  }

  acknowledgeLeader(turn, from);
}

/** @returns undefined if it builds on a state that is not held here, or is not what its stamp says */
function readProposal(turn: Turn, from: LevelerId, {content, stamp}: Proposal): Value | undefined {
  const {setup, state} = turn;
  if (sameStamp(state.held, stamp)) {
    return state.held;
  }

  if (content.kind === 'patch' && !sameStamp(state.held, content.from)) {
    return undefined;
  }

  try {
    const value =
      content.kind === 'whole'
        ? setup.content.open(content.bytes)
        : setup.content.applyPatch(state.held as Value, content.bytes);
    if (sameStamp(value, stamp)) {
      return value;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
  }

  act(turn, {kind: 'count', drop: 'unfit', sender: from});
  return undefined;
}

/** From now on this leveler's votes and acknowledgements count: it knows every vote it ever gave. */
export function becomeSound(turn: Turn, why: 'alone' | 'newcomer' | 'all-heard' | 'majority-heard'): void {
  if (turn.state.sound) {
    return;
  }

  const {held} = turn.state;
  set(turn, {sound: true, beatSoon: true});
  save(turn);
  if (held !== undefined) {
    act(turn, {kind: 'store', value: held, sound: true});
  }

  tell(turn, {kind: 'voice', why});
}

/** Hand over the held state to whoever asked for it. */
export function answerFetch(turn: Turn, from: LevelerId, {have}: Extract<Message, {kind: 'fetch'}>): void {
  const {held} = turn.state;
  if (held !== undefined && !sameStamp(held, have)) {
    send(turn, from, proposalFor(turn, from, held, sameStamp(patchOf(turn)?.from, have)));
  }
}

function patchOf({state}: Turn) {
  return state.role.kind === 'leader' ? state.role.patch : undefined;
}

/** The held state as it is sent to one other leveler, as a patch if it has what the patch changes. */
export function proposalFor(turn: Turn, to: LevelerId, held: Value, asPatch: boolean): Proposal {
  const {term, role, peers} = turn.state;
  const patch = patchOf(turn);
  const nonce = peers.get(to)?.nonce;
  return {
    kind: 'proposal',
    term,
    leading: role.kind === 'leader',
    newcomer: role.kind === 'leader' && nonce !== undefined && role.newcomers.get(to) === nonce,
    stamp: stampOf(held),
    content:
      asPatch && patch !== undefined
        ? {kind: 'patch', from: patch.from, bytes: patch.bytes}
        : {kind: 'whole', bytes: held.bytes},
  };
}
