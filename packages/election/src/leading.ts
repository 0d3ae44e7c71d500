import type {LevelerId} from '@tacoplex/vocabulary';
import {ownMembership} from './birth.ts';
import {pump} from './committing.ts';
import type {Ask, Leader} from './election.ts';
import {hold, proposalFor} from './following.ts';
import {memoryOf, setLeader, stepDown} from './rounds.ts';
import {act, countHeard, hasMajority, send, set, setLeading, type Turn, tell} from './turn.ts';
import {isMember, majorityOf, sameStamp, stampOf, type Value} from './value.ts';

function newLeader({state}: Turn, newcomers: Leader['newcomers']): Leader {
  return {kind: 'leader', sinceMs: state.nowMs, jobs: [], newcomers, patch: undefined, answered: new Map()};
}

/** Lead: first of all the held state becomes one of this term, for nothing else may be committed before. */
export function lead(turn: Turn): void {
  const {setup, state} = turn;
  if (state.held === undefined) {
    return;
  }

  set(turn, {role: newLeader(turn, new Map()), beatSoon: true});
  setLeader(turn, setup.id);
  const {term} = state;
  propose(turn, setup.content.restamp(state.held, {term, leader: setup.id, nonce: setup.nonce, index: 1}));
}

/** Lead the cluster that was just born: all who are in it have never voted. */
export function leadFirst(turn: Turn, value: Value): void {
  const {id} = turn.setup;
  const others = value.members.filter(member => member.id !== id);
  set(turn, {
    term: value.version.term,
    votedFor: id,
    voteSaved: false,
    sound: true,
    role: newLeader(turn, new Map(others.map(member => [member.id, nonceOf(turn, member.id)]))),
  });
  setLeader(turn, id);
  hold(turn, value);
  act(turn, {kind: 'save', memory: memoryOf(turn.state)});
}

/** Lead the line of states that begins because an operator has given members up: nobody has voted in it. */
export function leadFork(turn: Turn, value: Value, ask: Ask, changes: readonly string[]): void {
  const {setup, state} = turn;
  leadFirst(turn, value);
  const done = {version: value.version, changes, refusal: ''};
  const {request, command} = ask;
  setLeading(turn, {jobs: [{from: setup.id, request, command, sinceMs: state.nowMs, done}]});
}

function nonceOf({state}: Turn, id: LevelerId): string {
  return state.peers.get(id)?.nonce ?? '';
}

/** Hold the next state, and send it to everybody who follows. */
export function propose(turn: Turn, value: Value): void {
  const {setup, state} = turn;
  if (state.held !== undefined) {
    const bytes = setup.content.encodePatch(state.held, value);
    setLeading(turn, {patch: {from: stampOf(state.held), to: stampOf(value), bytes}});
  }

  forgetNewcomers(turn, value);
  hold(turn, value);
  for (const {id, live, said} of turn.state.peers.values()) {
    if (live && said?.lineage === value.lineage) {
      send(turn, id, proposalFor(turn, id, value, true));
    }
  }
}

/** Whoever is removed may be let in again, in the life of the same process. */
function forgetNewcomers(turn: Turn, value: Value): void {
  const {role, held} = turn.state;
  if (role.kind === 'leader') {
    const stay = [...role.newcomers].filter(([id]) => !isMember(held, id) || isMember(value, id));
    setLeading(turn, {newcomers: new Map(stay)});
  }
}

/** Send what is not acknowledged once more: to those who follow and have the state before. */
export function proposeAgain(turn: Turn): void {
  const {role, held, peers} = turn.state;
  if (role.kind !== 'leader' || role.patch === undefined || held === undefined) {
    return;
  }

  for (const {id, live, said} of peers.values()) {
    if (live && sameStamp(said?.held, role.patch.from)) {
      send(turn, id, proposalFor(turn, id, held, true));
    }
  }
}

/** A leader that a majority no longer hears, or that ends, leads no more. */
export function keepQuorum(turn: Turn): void {
  const {role, held} = turn.state;
  if (role.kind === 'leader' && held !== undefined && !hasMajority(turn)) {
    tell(turn, {kind: 'resigned', heard: countHeard(turn), needed: majorityOf(held.members)});
    resign(turn);
  }
}

export function resign(turn: Turn): void {
  stepDown(turn);
  setLeader(turn, undefined);
}

/**
 * Let those in who ask, have the right key, and hold the newest state already, so that they hold nobody up. Each is
 * tried once in the life of its process.
 */
export function admitAsking(turn: Turn): void {
  const {role, held, peers} = turn.state;
  if (role.kind !== 'leader' || held === undefined || role.jobs.some(({admits}) => admits !== undefined)) {
    return;
  }

  const candidate = [...peers.values()].find(
    ({id, nonce, live, said}) =>
      live && said?.asking === true && sameStamp(said.held, held) && role.newcomers.get(id) !== nonce,
  );
  if (candidate?.said === undefined) {
    return;
  }

  const {setup, state} = turn;
  const {about, witness} = candidate.said;
  const member = ownMembership({id: candidate.id, name: about.name, isWitness: witness});
  const command = setup.content.admission(member, admissionId(turn, candidate.id));
  tell(turn, {kind: 'admitting', peer: member.id, name: member.name});
  setLeading(turn, {
    newcomers: new Map(role.newcomers).set(candidate.id, candidate.nonce),
    jobs: [
      ...role.jobs,
      {
        from: setup.id,
        request: `admission ${member.id}`,
        admits: member.id,
        command,
        sinceMs: state.nowMs,
        done: undefined,
      },
    ],
  });
  pump(turn);
}

/** 16 bytes: the nonce of this process, who comes, the term, and the index of the state. Never the same twice. */
function admissionId({setup, state}: Turn, id: LevelerId): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(`0x${setup.nonce}`));
  view.setUint16(8, id);
  view.setUint16(10, state.term & 0xffff);
  view.setUint32(12, state.held?.version.index ?? 0);
  return bytes;
}
