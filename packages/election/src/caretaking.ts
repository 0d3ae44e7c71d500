import type {LevelerId} from '@tacoplex/vocabulary';
import type {Caretaking, Charge, Probe} from './charge.ts';
import type {Event, Peer, Setup, State} from './election.ts';
import {isReady} from './lease.ts';
import {chiefOf, hasLowest, isForsaken, mayBeOutvoted} from './side.ts';
import {countHeard, isAlone, majoritySinceMs, membersOf, othersOf, set, type Turn, tell} from './turn.ts';

/** So long before the suspicion the questions begin: three, 40 ms apart, and 10 ms for the last answer. */
const aheadMs = 90;

/** Between two probes, and up to so much more: two that answer each other must not ask in step. */
const againMs = 1000;
const jitterMs = 200;

/** Who answered may have died meanwhile: after the first answer it is asked again this soon. */
const soonMs = 200;

/**
 * Others served a moment ago, and an answer may be late; or somebody answered and did not prove who he is: as many probes
 * must then come to nothing.
 */
const probesOnceDoubtful = 2;

/** A caretaker whose questions come to nothing for this long does not know any more that it is alone. */
const deafMs = 3000;

type Believer = Pick<Turn, 'setup' | 'state'>;
type Probed = Extract<Event, {kind: 'probed'}>;

/**
 * Without a leader: whether to serve.
 *
 * A side that lost its majority cannot tell whether the others died, and it must serve, or only net B was cut, and it
 * must not. Net A can tell: the side asks there for the shared addresses. A leveler answers and proves that it is he: it stops.
 * Nobody does: it is the caretaker. One of a side asks, the others follow.
 *
 * Anybody can send ARP in the name of a leveler that is dead. So what is not proven, an answer or the sight of a steal, stops
 * nobody: who does not serve yet asks once more, and whoever took an address answers by then.
 *
 * @see models/caretaker.pml
 */
export function takeCharge(turn: Turn, draw: number): void {
  if (!isServing(turn)) {
    change(turn, {kind: 'idle', probe: undefined, silentProbes: 0});
  } else if (!isForsaken(turn)) {
    change(turn, {kind: 'idle', silentProbes: 0});
    askAhead(turn, draw);
  } else {
    serveOrStop(turn, draw);
  }
}

/** The questions cost no time if they are over when the suspicion begins: ask when a pair of beats is missing. */
function askAhead(turn: Turn, draw: number): void {
  const {charge, nowMs, judgeFromMs} = turn.state;
  if (nowMs < quietFromMs(turn)) {
    change(turn, {probe: undefined});
  } else if (charge.probe === undefined && nowMs >= judgeFromMs) {
    ask(turn, draw);
  }
}

/** From when on, if nothing is heard, the leader and a majority will have been silent for a pair of beats. */
function quietFromMs({setup, state}: Believer): number {
  const majorityMs = majoritySinceMs({setup, state}, freshMsOf) ?? Number.POSITIVE_INFINITY;
  return Math.max(majorityMs + quietMsOf(setup), leaderQuietFromMs({setup, state}));
}

function leaderQuietFromMs({setup, state}: Believer): number {
  const {leader, peers} = state;
  return freshMsOf(leader === undefined || leader === setup.id ? undefined : peers.get(leader)) + quietMsOf(setup);
}

function quietMsOf({timing}: Setup): number {
  return timing.suspectMs - aheadMs;
}

function freshMsOf(peer: Peer | undefined): number {
  return peer === undefined ? Number.NEGATIVE_INFINITY : peer.freshMs;
}

function serveOrStop(turn: Turn, draw: number): void {
  const chief = chiefOf(turn);
  if (chief === turn.setup.id) {
    decide(turn, draw);
  } else {
    follow(turn, chief === undefined ? undefined : turn.state.peers.get(chief));
  }
}

function follow(turn: Turn, chief: Peer | undefined): void {
  const kind = chief?.said?.caretaking ?? 'asking';
  const {nowMs} = turn.state;
  change(turn, {
    kind: kind === 'idle' ? 'asking' : kind,
    probe: undefined,
    ...(kind === 'caretaker' ? {unansweredMs: nowMs} : {}),
  });
}

function decide(turn: Turn, draw: number): void {
  const {charge, nowMs} = turn.state;
  const {probe, kind} = charge;
  if (probe === undefined) {
    ask(turn, draw);
    return;
  }

  const servedBy = provenRivalOf(turn, probe);
  if (servedBy !== undefined && !stays(turn)) {
    const againAtMs = kind === 'stopped' ? probe.againAtMs : Math.min(probe.againAtMs, nowMs + soonMs);
    change(turn, {kind: 'stopped', servedBy, silentProbes: 0, probe: {...probe, isJudged: true, againAtMs}});
  } else if (probe.isDone && !probe.isJudged && kind !== 'caretaker') {
    serveUnlessDoubtful(turn, probe, draw);
    return;
  } else if (kind === 'idle' || nowMs - charge.unansweredMs >= deafMs) {
    change(turn, {kind: kind === 'stopped' ? kind : 'asking'});
  }

  if (nowMs >= probe.againAtMs) {
    ask(turn, draw);
  }
}

function serveUnlessDoubtful(turn: Turn, probe: Probe, draw: number): void {
  const {charge, nowMs} = turn.state;
  const silentProbes = charge.silentProbes + 1;
  const isUnproven = rivalOf(turn, probe) !== undefined && provenRivalOf(turn, probe) === undefined;
  const isDoubtful = charge.kind === 'stopped' || isUnproven;
  if (isDoubtful && silentProbes < probesOnceDoubtful) {
    change(turn, {silentProbes, probe: {...probe, isJudged: true}});
    ask(turn, draw);
  } else {
    change(turn, {kind: 'caretaker', unansweredMs: nowMs, servedBy: undefined, silentProbes: 0});
  }
}

function ask(turn: Turn, draw: number): void {
  const {setup, state} = turn;
  const {charge, nowMs} = state;
  const probe: Probe = {
    number: numberOf(setup, charge.probes),
    againAtMs: nowMs + againMs + draw * jitterMs,
    isDone: false,
    isJudged: false,
    answeredBy: [],
    provenBy: [],
  };
  change(turn, {
    probe,
    probes: charge.probes + 1,
    ...(charge.kind === 'idle' && isForsaken(turn) ? {kind: 'asking'} : {}),
  });
}

/** The last word of the announcer may be about a question of the process before: its numbers were others. */
function numberOf({nonce}: Setup, probes: number): number {
  return ((Number.parseInt(nonce.slice(0, 8), 16) + probes) % 0xffff_ffff) + 1;
}

/** The announcer has asked, or heard something. */
export function takeProbed(turn: Turn, {number, isDone, answeredBy, provenBy}: Probed): void {
  const {charge, nowMs} = turn.state;
  const {probe} = charge;
  if (probe?.number !== number) {
    return;
  }

  const heard = {...probe, isDone: isDone || probe.isDone, answeredBy, provenBy};
  const isSilent = heard.isDone && provenRivalOf(turn, heard) === undefined;
  change(turn, {probe: heard, ...(isSilent ? {unansweredMs: nowMs} : {})});
  if (isForsaken(turn)) {
    serveOrStop(turn, 0);
  }
}

/**
 * About to lose leader and majority, one after the other within a beat: who is taken for dead first may only not be heard
 * here. Until the questions are over, and have come to nothing, nothing of his is taken.
 */
export function isUnsure({setup, state}: Believer): boolean {
  const {kind, probe} = state.charge;
  return kind === 'idle' && probe !== undefined && (!probe.isDone || rivalOf({setup, state}, probe) !== undefined);
}

/** Who answered, proves it, and is not heard: another side. */
function provenRivalOf({state}: Believer, {provenBy}: Probe): LevelerId | undefined {
  return provenBy.find(id => state.peers.get(id)?.live !== true);
}

/** Who answered and is not heard, or so it seems. A MAC address that nobody knows may be a silent member's. */
function rivalOf({setup, state}: Believer, {answeredBy}: Probe): LevelerId | 'unknown' | undefined {
  const rival = answeredBy.find(id => id !== undefined && state.peers.get(id)?.live !== true);
  const isUnknownSilent = othersOf({setup, state}).some(({id}) => state.peers.get(id)?.said?.about.a === undefined);
  return rival ?? (answeredBy.includes(undefined) && isUnknownSilent ? 'unknown' : undefined);
}

/**
 * Of two sides that serve, or served a moment ago, the one with the lowest member stays. Who only asks gives way, and where
 * the others may be a majority everybody does.
 */
function stays(turn: Turn): boolean {
  const {charge, about} = turn.state;
  const serves =
    charge.kind === 'caretaker' || (charge.kind !== 'stopped' && about.claims.some(({holding}) => holding));
  return serves && !mayBeOutvoted(turn) && hasLowest(turn);
}

/** In a larger cluster a majority is not lost with one leveler: the look at each beat is soon enough. */
const fewMembers = 7;

/**
 * When to look again; infinity: not before `byMs`, when the time is told anyway. Asked after each event, and mostly the
 * leader was heard so lately that no more need be looked at.
 */
export function chargeAtMs(turn: Believer, byMs: number): number {
  const {setup, state} = turn;
  const {probe} = state.charge;
  if (isForsaken(turn)) {
    return isServing(turn) && chiefOf(turn) === setup.id ? (probe?.againAtMs ?? state.nowMs) : never;
  }

  return probe === undefined &&
    state.judgeFromMs < byMs &&
    leaderQuietFromMs(turn) < byMs &&
    membersOf(state.held).length <= fewMembers &&
    isServing(turn)
    ? Math.max(quietFromMs(turn), state.judgeFromMs)
    : never;
}

const never = Number.POSITIVE_INFINITY;

/** Whether there is something to serve, and somebody else who might. */
function isServing(turn: Believer): boolean {
  return isReady(turn.setup, turn.state) && !isAlone(turn);
}

function change(turn: Turn, changes: Partial<Charge>): void {
  const {charge} = turn.state;
  for (const field of Object.keys(changes) as (keyof Charge)[]) {
    if (charge[field] !== changes[field]) {
      set(turn, {charge: {...charge, ...changes}});
      return;
    }
  }
}

/** What has become of it is told once, when a step is over. */
export function tellCharge(turn: Turn, before: State): void {
  const {charge, held} = turn.state;
  if (charge.kind !== before.charge.kind) {
    set(turn, {beatSoon: true});
    tell(turn, {
      kind: 'caretaking',
      is: charge.kind satisfies Caretaking,
      heard: countHeard(turn),
      members: membersOf(held).length,
      servedBy: charge.servedBy,
    });
  }
}
