import {beatIfDue, roleName} from './beating.ts';
import {takeFounded} from './birth.ts';
import {voteIsSaved} from './candidacy.ts';
import {takeProbed, tellCharge} from './caretaking.ts';
import {pursueAsks, takeAsked} from './commands.ts';
import {tryCommit} from './committing.ts';
import type {Event, Memory, Setup, State, Step} from './election.ts';
import {hear} from './hearing.ts';
import {resign} from './leading.ts';
import {renewLease} from './lease.ts';
import {takeMessage} from './messages.ts';
import {noteTime, passTime} from './passing.ts';
import {set, type Turn, tell} from './turn.ts';
import {type Stamp, sameStamp} from './value.ts';

/**
 * Take one event.
 *
 * Pure: equal setup, state and event give an equal step. Late, strange and repeated events are harmless. The shell
 * performs the actions in the order given and tells the time again at `wakeAtMs`.
 */
export function step(setup: Setup, state: State, event: Event): Step {
  const turn: Turn = {setup, state, actions: []};
  noteTime(turn, event.nowMs);
  take(turn, event);
  if (event.kind === 'time' || event.kind === 'probed' || event.kind === 'applied') {
    renewLease(turn);
  }

  announce(turn, state);
  beatIfDue(turn);
  return [turn.state, turn.actions];
}

function take(turn: Turn, event: Event): void {
  switch (event.kind) {
    case 'time':
      passTime(turn, event.draw);
      break;
    case 'heard':
      hear(turn, event);
      break;
    case 'told':
      takeMessage(turn, event.from, event.message);
      break;
    case 'saved':
      takeSaved(turn, event.memory);
      break;
    case 'stored':
      takeStored(turn, event.stamp);
      break;
    case 'founded':
      takeFounded(turn, event.value);
      break;
    case 'applied':
      takeApplied(turn, event.stamp);
      break;
    case 'about':
      set(turn, {about: event.about, beatSoon: true});
      break;
    case 'asked':
      takeAsked(turn, event);
      break;
    case 'probed':
      takeProbed(turn, event);
      break;
    case 'leave':
      setLeaving(turn, {departed: true});
      break;
    case 'stay':
      setLeaving(turn, {departed: false});
      break;
    case 'dataPath':
      setLeaving(turn, {bereft: !event.isThere});
      break;
  }
}

function takeSaved(turn: Turn, {term, votedFor}: Memory): void {
  const {state} = turn;
  if (!state.voteSaved && votedFor !== undefined && term === state.term && votedFor === state.votedFor) {
    voteIsSaved(turn);
  }
}

function takeStored(turn: Turn, stamp: Stamp): void {
  if (sameStamp(turn.state.held, stamp) && !turn.state.kept) {
    set(turn, {kept: true, beatSoon: true});
    tryCommit(turn);
  }
}

function takeApplied(turn: Turn, stamp: Stamp): void {
  if (!sameStamp(turn.state.applied, stamp)) {
    set(turn, {applied: stamp, beatSoon: true});
    tryCommit(turn);
  }
}

/** Whoever leaves says so at once, and neither leads nor stands: the others need not wait for the silence. */
function setLeaving(turn: Turn, why: Partial<Pick<State, 'departed' | 'bereft'>>): void {
  const {leaving: wasLeaving, nowMs} = turn.state;
  set(turn, why);
  const {departed, bereft, role} = turn.state;
  const leaving = departed || bereft;
  if (leaving === wasLeaving) {
    return;
  }

  set(turn, {leaving, beatSoon: true, nextBeatMs: nowMs});
  if (leaving && role.kind !== 'follower' && role.kind !== 'joining') {
    resign(turn);
  }
}

/** Changes of role and leader are told here and nowhere else. */
function announce(turn: Turn, before: State): void {
  const {state} = turn;
  if (roleName(state.role) !== roleName(before.role)) {
    set(turn, {beatSoon: true});
    tell(turn, {kind: 'role', role: roleName(state.role), term: state.term});
  }

  if (state.leader !== before.leader) {
    tell(turn, {kind: 'leader', leader: state.leader, term: state.term});
    pursueAsks(turn);
  }

  tellCharge(turn, before);
}
