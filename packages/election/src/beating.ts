import type {LevelerId} from '@tacoplex/vocabulary';
import type {Beat, Echo, Net, RoleName} from './beat.ts';
import type {Peer, Role, Setup, State} from './election.ts';
import {proofAgeMs} from './lease.ts';
import {act, set, type Turn} from './turn.ts';
import {echoOfTwin} from './twins.ts';
import {isMember, stampOf} from './value.ts';

/** Echoes in one beat, so that it fits in a datagram; more peers than that are echoed in turn. */
export const mostEchoes = 32;

/** A peer that was silent for this long is not echoed. */
const echoForMs = 2000;

/** Regular beats of which it is known when they went out: more than an echo may be old. */
const knownBeats = 12;

/** Two beats are at least this far apart, however much changes. */
const leastGapMs = 5;

/** Whoever beats together with others does so this long after it has heard the first of them. */
const togetherMs = 1;

/** Whoever beat together with another waits so much longer for it the next time, so that the beat that comes wakes it, and no timer. */
const waitForMs = 1;

/**
 * Another's beat was heard: bring the next own one forward if it would be due within half a period. So all come to beat together, and
 * each leveler is woken once for the beats of all instead of once for each. The one that is ahead keeps its pace.
 *
 * @param isWhole a beat of the same number was heard before, as a rule on the other net, and nothing more is to come: beat now, while awake
 */
export function beatTogether(turn: Turn, isWhole: boolean): void {
  const {nowMs, nextBeatMs} = turn.state;
  const soonMs = nowMs + (isWhole ? 0 : togetherMs);
  if (nextBeatMs > soonMs && nextBeatMs <= nowMs + turn.setup.timing.beatMs / 2) {
    set(turn, {nextBeatMs: soonMs, isPulled: true});
  }
}

/** Send the beat if it is due, or if something changed that others should know at once. */
export function beatIfDue(turn: Turn): void {
  const {state, setup} = turn;
  const {nowMs, nextBeatMs, lastBeatMs, beatSoon, isPulled} = state;
  const due = nowMs >= nextBeatMs;
  if (!due && !(beatSoon && nowMs >= lastBeatMs + leastGapMs)) {
    return;
  }

  const next = nextBeatMs + setup.timing.beatMs + (isPulled ? waitForMs : 0);
  set(turn, {
    beat: due ? state.beat + 1 : state.beat,
    beatsAtMs: due ? [...state.beatsAtMs, nowMs].slice(-knownBeats) : state.beatsAtMs,
    nextBeatMs: due ? (next > nowMs ? next : nowMs + setup.timing.beatMs) : nextBeatMs,
    lastBeatMs: nowMs,
    beatSoon: false,
    isPulled: due ? false : isPulled,
  });
  act(turn, {kind: 'beat', beat: composeBeat(turn)});
}

/** When one of the last regular beats went out; -Infinity: it is not known any more. */
export function beatSentMs({beat, beatsAtMs}: State, number: number): number {
  return beatsAtMs.at(number - beat - 1) ?? Number.NEGATIVE_INFINITY;
}

/** When the next beat must go out. */
export function beatAtMs({beatSoon, lastBeatMs, nextBeatMs}: State): number {
  return beatSoon ? Math.min(nextBeatMs, lastBeatMs + leastGapMs) : nextBeatMs;
}

function composeBeat({setup, state}: Turn): Beat {
  const {held} = state;
  return {
    kind: 'beat',
    beat: state.beat,
    term: state.term,
    role: roleName(state.role),
    leader: state.leader,
    leaving: state.leaving,
    sound: state.sound,
    asking: held !== undefined && !isMember(held, setup.id) && !state.removed && !state.leaving,
    held: held === undefined ? undefined : stampOf(held),
    kept: state.kept,
    committed: state.committed?.version,
    applied: state.applied,
    lineage: held?.lineage,
    memberCount: held?.members.length ?? 0,
    forks: held?.forks ?? 0,
    echoes: echoesOf(setup, state),
    about: state.about,
    edition: setup.edition,
    proofAgeMs: proofAgeMs({setup, state}),
    caretaking: state.charge.kind,
    witness: setup.isWitness === true,
  };
}

export function roleName({kind}: Role): RoleName {
  return kind === 'preCandidate' ? 'candidate' : kind;
}

function echoesOf(setup: Setup, state: State): Echo[] {
  const {peers, nowMs, beat} = state;
  const heard = peers
    .values()
    .filter(({heardMs: {a, b}}) => nowMs - Math.max(a ?? -Infinity, b ?? -Infinity) < echoForMs);
  const echoes = (heard.length > mostEchoes ? inTurn(heard, beat * mostEchoes) : heard).map(peer =>
    toEcho(setup, state, peer),
  );
  return [...echoes, ...echoOfTwin({setup, state})];
}

/** As many as fit, from another one on each time. */
function inTurn(heard: readonly Peer[], start: number): Peer[] {
  const first = start % heard.length;
  return [...heard.slice(first), ...heard.slice(0, first)].slice(0, mostEchoes);
}

function toEcho(setup: Setup, state: State, peer: Peer): Echo {
  const {id, nonce, beat} = peer;
  return {id, nonce, beat, member: isMember(state.held, id), heard: heardOn(setup, state, peer)};
}

/** On which nets a peer was heard within the time of suspicion. */
export function heardOn({timing}: Setup, {nowMs}: State, {heardMs}: Peer): Readonly<Record<Net, boolean>> {
  const {a, b} = heardMs;
  return {
    a: a !== undefined && nowMs - a < timing.suspectMs,
    b: b !== undefined && nowMs - b < timing.suspectMs,
  };
}

/** What this leveler last heard from another, for the header of what it sends there. */
export function echoFor(state: State, id: LevelerId): Echo | undefined {
  const peer = state.peers.get(id);
  return peer === undefined ? undefined : {id, nonce: peer.nonce, beat: peer.beat, member: isMember(state.held, id)};
}
