import type {LevelerId} from '@tacoplex/vocabulary';
import type {Answered, Job, Outcome} from './election.ts';
import {act, send, set, setLeading, type Turn, tell} from './turn.ts';

/** An answer may be lost: it is kept this long for whoever asks again. */
const keepMs = 10_000;
const mostKept = 256;

/** Answer a command once and for all, and forget the work. */
export function finish(turn: Turn, job: Job, outcome: Outcome): void {
  const {role, nowMs} = turn.state;
  if (role.kind !== 'leader') {
    return;
  }

  const answered = new Map(role.answered).set(keyOf(job.from, job.request), {outcome, atMs: nowMs});
  setLeading(turn, {jobs: role.jobs.filter(one => !isSame(one, job)), answered: trim(answered, nowMs)});
  if (job.admits !== undefined && outcome.refusal !== '') {
    tell(turn, {kind: 'notAdmitted', peer: job.admits, refusal: outcome.refusal});
  }

  if (job.from === turn.setup.id) {
    resolve(turn, job.request, outcome);
  } else {
    send(turn, job.from, {kind: 'commandResult', request: job.request, outcome});
  }
}

function isSame(one: Job, other: Job): boolean {
  return one.from === other.from && one.request === other.request;
}

function trim(answered: ReadonlyMap<string, Answered>, nowMs: number): ReadonlyMap<string, Answered> {
  const young = [...answered].filter(([, {atMs}]) => nowMs - atMs < keepMs);
  return new Map(young.slice(-mostKept));
}

export function keyOf(from: LevelerId, request: string): string {
  return `${from}/${request}`;
}

/** Hand an answer to whoever asked here; once. */
export function resolve(turn: Turn, request: string, outcome: Outcome): void {
  const {asks} = turn.state;
  if (asks.some(ask => ask.request === request)) {
    set(turn, {asks: asks.filter(ask => ask.request !== request)});
    act(turn, {kind: 'answer', request, outcome});
  }
}
