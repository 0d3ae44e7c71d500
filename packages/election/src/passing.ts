import {beatAtMs} from './beating.ts';
import {considerBirth} from './birth.ts';
import {mayStand, pursue} from './candidacy.ts';
import {chargeAtMs, takeCharge} from './caretaking.ts';
import {pursueAsks, refuseAtMs} from './commands.ts';
import {finishJobs} from './committing.ts';
import {draftOf, draftOfPeer} from './copying.ts';
import type {Peer, Setup, State} from './election.ts';
import {admitAsking, keepQuorum, proposeAgain} from './leading.ts';
import {setLeader} from './rounds.ts';
import {seek} from './seeking.ts';
import {set, setPeer, type Turn, tell} from './turn.ts';
import {recoverVoice} from './voice.ts';

/** How long a leveler with a state on disk waits for a leader before its data path goes on by itself. */
const settleMs = 1000;

/** Peers that are no members are forgotten after this long without a word. */
const forgetMs = 600_000;

/** Time passed. */
export function passTime(turn: Turn, draw: number): void {
  judge(turn);
  keepQuorum(turn);
  settle(turn);
  takeCharge(turn, draw);
  recoverVoice(turn);
  seek(turn);
  if (turn.state.nowMs >= turn.state.nextBeatMs) {
    proposeAgain(turn);
  }

  admitAsking(turn);
  finishJobs(turn);
  pursue(turn, draw);
  considerBirth(turn);
  pursueAsks(turn);
}

/** Note the time. After an own stall, let what waits in the sockets speak before anybody is judged. */
export function noteTime(turn: Turn, nowMs: number): void {
  const {state, setup} = turn;
  const stalled = nowMs - state.nowMs > 2 * setup.timing.beatMs;
  const noted = draftOf(state);
  noted.nowMs = Math.max(nowMs, state.nowMs);
  noted.judgeFromMs = stalled ? nowMs + setup.timing.beatMs : state.judgeFromMs;
  turn.state = noted;
}

/** Suspect whoever was silent on both nets for too long. */
function judge(turn: Turn): void {
  const {state, setup} = turn;
  if (state.nowMs < state.judgeFromMs) {
    return;
  }

  for (const peer of state.peers.values()) {
    if (peer.live && state.nowMs >= peer.freshMs + setup.timing.suspectMs) {
      suspect(turn, peer);
    } else if (!peer.live && isForgettable(turn, peer)) {
      forget(turn, peer);
    }
  }
}

function suspect(turn: Turn, peer: Peer): void {
  setPeer(turn, Object.assign(draftOfPeer(peer), {live: false}));
  set(turn, {newsMs: turn.state.nowMs});
  if (peer.said?.leaving !== true) {
    tell(turn, {kind: 'suspect', peer: peer.id, name: peer.said?.about.name ?? ''});
  }

  if (turn.state.leader === peer.id) {
    setLeader(turn, undefined);
  }
}

function isForgettable({state}: Turn, {id, heardMs}: Peer): boolean {
  const last = Math.max(heardMs.a ?? state.startedMs, heardMs.b ?? state.startedMs);
  return state.nowMs - last >= forgetMs && !(state.held?.members.some(member => member.id === id) ?? false);
}

function forget(turn: Turn, {id}: Peer): void {
  set(turn, {peers: turn.state.peers.without(id)});
}

function settle(turn: Turn): void {
  const {settled, committed, leader, nowMs, startedMs} = turn.state;
  if (!settled && committed !== undefined && leader === undefined && nowMs - startedMs >= settleMs) {
    set(turn, {settled: true});
  }
}

/** When `step` wants to be told the time next. It may be told sooner. */
export function wakeAtMs(setup: Setup, state: State): number {
  const judgementMs = Math.max(state.judgeFromMs, firstSuspicionMs(setup, state));
  const turn = {setup, state};
  const byMs = Math.min(beatAtMs(state), judgementMs, candidacyAtMs(turn), refuseAtMs(turn));
  return Math.min(byMs, chargeAtMs(turn, byMs));
}

function firstSuspicionMs({timing}: Setup, {peers}: State): number {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const {live, freshMs} of peers.values()) {
    firstMs = live ? Math.min(firstMs, freshMs + timing.suspectMs) : firstMs;
  }

  return firstMs;
}

function candidacyAtMs({setup, state}: Pick<Turn, 'setup' | 'state'>): number {
  const {role} = state;
  switch (role.kind) {
    case 'joining':
    case 'leader':
      return Number.POSITIVE_INFINITY;
    case 'follower':
      return mayStand({setup, state}) ? (role.standAtMs ?? state.nowMs) : Number.POSITIVE_INFINITY;
    case 'preCandidate':
    case 'candidate':
      return Math.min(role.untilMs, role.askAtMs);
  }
}
