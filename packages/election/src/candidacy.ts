import {compareVersions, type LevelerId, type Version} from '@tacoplex/vocabulary';
import type {Message, State} from './election.ts';
import {lead} from './leading.ts';
import {isOfOurLine} from './lineage.ts';
import {enterTerm, save, setLeader} from './rounds.ts';
import {hasMajority, isAlone, othersOf, send, set, type Turn} from './turn.ts';
import {majorityOf} from './value.ts';

/** Those who may stand wait this much longer for each who is fitter. */
const staggerMs = 10;

/** Who was asked for a vote and did not give it is asked again: the message was lost, or he had not suspected yet. */
const askAgainMs = 20;

/** Whoever begins listens this many beats longer than the suspicion time before it stands. */
const extraBeats = 1;

type Asked = Extract<Message, {kind: 'preVoteAsked' | 'voteAsked'}>;
type Answered = Extract<Message, {kind: 'preVoteAnswered' | 'voteAnswered'}>;

/** Stand, ask again, or give up, as the time has come. */
export function pursue(turn: Turn, draw: number): void {
  const {role, nowMs} = turn.state;
  if (role.kind === 'follower') {
    considerStanding(turn, draw);
  } else if (role.kind === 'preCandidate' || role.kind === 'candidate') {
    if (nowMs >= role.untilMs) {
      wait(turn, nowMs + draw * turn.setup.timing.beatMs);
    } else if (nowMs >= role.askAtMs) {
      ask(turn);
    }
  }
}

function considerStanding(turn: Turn, draw: number): void {
  const {role, nowMs} = turn.state;
  if (role.kind !== 'follower') {
    return;
  }

  if (!mayStand(turn)) {
    forgetTurn(turn);
  } else if (role.standAtMs === undefined) {
    wait(turn, Math.max(nowMs, listenUntilMs(turn)) + draw * staggerMs);
  } else if (nowMs >= role.standAtMs) {
    standFirst(turn);
  }
}

/** Whoever may not stand gives up its place: if it may again later, it takes one in the order of then. */
export function forgetTurn(turn: Turn): void {
  const {role} = turn.state;
  if (role.kind === 'follower' && role.standAtMs !== undefined) {
    set(turn, {role: {kind: 'follower', standAtMs: undefined}});
  }
}

/** The fitter go first: rank only orders who tries, never who may win. */
function wait(turn: Turn, fromMs: number): void {
  set(turn, {role: {kind: 'follower', standAtMs: fromMs + rankOf(turn) * staggerMs}});
}

/**
 * Somebody else stands, or is about to: who hears of it waits, so that no two stand against each other for as long as
 * their disks are slower than they are impatient.
 */
export function giveWay(turn: Turn, ms: number): void {
  const {role, nowMs} = turn.state;
  if (role.kind === 'follower') {
    const standAtMs = Math.max(role.standAtMs ?? 0, nowMs + ms + rankOf(turn) * staggerMs);
    set(turn, {role: {kind: 'follower', standAtMs}});
  }
}

function listenUntilMs({setup, state}: Turn): number {
  return isAlone({setup, state})
    ? state.startedMs
    : state.startedMs + setup.timing.suspectMs + extraBeats * setup.timing.beatMs;
}

/**
 * Whether this leveler would stand if nobody else does first. A witness never does: who leads is to have a data path. Nor
 * does who hears too few: it would not hear their answers, and they wait for whom they promise a vote.
 */
export function mayStand({setup, state}: Pick<Turn, 'setup' | 'state'>): boolean {
  return (
    setup.isWitness !== true &&
    state.sound &&
    !state.leaving &&
    state.leader === undefined &&
    hasMajority({setup, state})
  );
}

/** How many live members are fitter to lead: more nets reached, then the lower id. */
export function rankOf({setup, state}: Turn): number {
  const own = Number(state.about.reachesA) + Number(state.about.reachesB);
  return othersOf({setup, state}).filter(({id}) => {
    const peer = state.peers.get(id);
    if (peer?.live !== true || peer.said === undefined || peer.said.leaving || peer.said.witness || !peer.said.sound) {
      return false;
    }

    const {reachesA, reachesB} = peer.said.about;
    const score = Number(reachesA) + Number(reachesB);
    return score > own || (score === own && id < setup.id);
  }).length;
}

function standFirst(turn: Turn): void {
  set(turn, {role: round(turn, 'preCandidate', [turn.setup.id])});
  ask(turn);
  winIfMajority(turn);
}

function round({setup, state}: Turn, kind: 'preCandidate' | 'candidate', granted: readonly LevelerId[]) {
  return {
    kind,
    granted: new Set(granted),
    untilMs: state.nowMs + setup.timing.suspectMs,
    askAtMs: state.nowMs,
  } as const;
}

/** Ask those who have not said yes. */
function ask(turn: Turn): void {
  const {role, term, held, nowMs, voteSaved} = turn.state;
  if ((role.kind !== 'preCandidate' && role.kind !== 'candidate') || held === undefined) {
    return;
  }

  set(turn, {role: {...role, askAtMs: nowMs + askAgainMs}});
  if (role.kind === 'candidate' && !voteSaved) {
    return;
  }

  const question: Asked =
    role.kind === 'candidate'
      ? {kind: 'voteAsked', term, version: held.version}
      : {kind: 'preVoteAsked', term: term + 1, version: held.version};
  for (const {id} of othersOf(turn).filter(({id}) => !role.granted.has(id))) {
    send(turn, id, question);
  }
}

/** A pre-vote is granted if the state is new enough and this leveler hears no leader either. It binds nobody. */
export function takePreVoteAsked(turn: Turn, from: LevelerId, {term, version}: Asked): void {
  const {state} = turn;
  if (isOfOurLine(state, from)) {
    const granted = term > state.term && hearsNoLeader(state) && state.sound && isFreshEnough(state, version);
    send(turn, from, {kind: 'preVoteAnswered', term: granted ? term : state.term, granted});
    if (granted) {
      giveWay(turn, turn.setup.timing.beatMs);
    }
  }
}

/** A vote is given once in a term, and only to a state that is no older than the own; it is on disk before it is said. */
export function takeVoteAsked(turn: Turn, from: LevelerId, {term, version}: Asked): void {
  if (!isOfOurLine(turn.state, from) || (term > turn.state.term && !hearsNoLeader(turn.state))) {
    return; // Who hears a leader is not talked out of it
  }

  if (term > turn.state.term) {
    enterTerm(turn, term);
    giveWay(turn, turn.setup.timing.suspectMs);
  }

  const {state} = turn;
  if (term === state.term && state.votedFor === undefined && state.sound && isFreshEnough(state, version)) {
    set(turn, {votedFor: from, voteSaved: false});
    giveWay(turn, turn.setup.timing.suspectMs);
    save(turn);
  } else if (term === state.term && state.votedFor === from) {
    answerVote(turn);
  } else {
    send(turn, from, {kind: 'voteAnswered', term: state.term, granted: false});
  }
}

function hearsNoLeader({leader, role}: State): boolean {
  return leader === undefined && role.kind !== 'leader';
}

function isFreshEnough({held}: State, version: Version): boolean {
  return held !== undefined && compareVersions(version, held.version) >= 0;
}

/** The vote in this term would survive a power cut: now it may be said. */
export function voteIsSaved(turn: Turn): void {
  set(turn, {voteSaved: true});
  const {role, votedFor} = turn.state;
  if (votedFor !== turn.setup.id) {
    answerVote(turn);
  } else if (role.kind === 'candidate') {
    const untilMs = turn.state.nowMs + turn.setup.timing.suspectMs; // The others' disks have theirs to write now
    set(turn, {role: {...role, untilMs, granted: new Set([...role.granted, votedFor])}});
    ask(turn);
    winIfMajority(turn);
  }
}

function answerVote(turn: Turn): void {
  const {votedFor, voteSaved, term} = turn.state;
  if (votedFor !== undefined && votedFor !== turn.setup.id && voteSaved) {
    send(turn, votedFor, {kind: 'voteAnswered', term, granted: true});
  }
}

export function countPreVote(turn: Turn, from: LevelerId, {term, granted}: Answered): void {
  const {role, term: own} = turn.state;
  if (granted && role.kind === 'preCandidate' && term === own + 1) {
    countIn(turn, from);
  } else if (!granted) {
    catchUp(turn, from, term);
  }
}

export function countVote(turn: Turn, from: LevelerId, {term, granted}: Answered): void {
  const {role, term: own} = turn.state;
  if (granted && role.kind === 'candidate' && term === own) {
    countIn(turn, from);
  } else if (!granted) {
    catchUp(turn, from, term);
  }
}

/** A refusal from a later round: this leveler is behind. */
function catchUp(turn: Turn, from: LevelerId, term: number): void {
  if (term > turn.state.term && isOfOurLine(turn.state, from)) {
    enterTerm(turn, term);
    giveWay(turn, turn.setup.timing.suspectMs);
  }
}

function countIn(turn: Turn, from: LevelerId): void {
  const {role, nowMs} = turn.state;
  if ((role.kind === 'preCandidate' || role.kind === 'candidate') && nowMs < role.untilMs) {
    set(turn, {role: {...role, granted: new Set([...role.granted, from])}});
    winIfMajority(turn);
  }
}

function winIfMajority(turn: Turn): void {
  const {role, held} = turn.state;
  if ((role.kind !== 'preCandidate' && role.kind !== 'candidate') || held === undefined) {
    return;
  }

  const votes = held.members.filter(({id}) => role.granted.has(id)).length;
  if (votes < majorityOf(held.members)) {
    return;
  }

  if (role.kind === 'preCandidate') {
    standInEarnest(turn);
  } else {
    lead(turn);
  }
}

/** A majority would vote for us: begin the round, vote for ourselves, and ask once that vote is on disk, however slow. */
function standInEarnest(turn: Turn): void {
  set(turn, {
    term: turn.state.term + 1,
    votedFor: turn.setup.id,
    voteSaved: false,
    role: {...round(turn, 'candidate', []), untilMs: turn.state.nowMs + turn.setup.timing.leaseMs},
    beatSoon: true,
  });
  setLeader(turn, undefined);
  save(turn);
}
