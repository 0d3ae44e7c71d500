import type {LevelerId} from '@tacoplex/vocabulary';
import {keyOf, resolve} from './answering.ts';
import {pump} from './committing.ts';
import type {Ask, Event, Leader, Message, Outcome} from './election.ts';
import {giveUp} from './giving-up.ts';
import {isOfOurLine} from './lineage.ts';
import {act, countHeard, hasMajority, membersOf, othersOf, send, set, setLeading, type Turn} from './turn.ts';
import {majorityOf} from './value.ts';

/** A command is given to the leader again after this long without an answer. */
const repeatMs = 50;

/** Without a leader for this long it is refused: 300 ms less one beat. */
const leaderlessMs = 240;

/** The leader answers within its own time; this much longer and there is none. */
const graceMs = 800;

/** What an operator types has some hundred. */
const mostBytes = 4096;

const mostAsks = 64;
const mostJobs = 256;

/** A process of this leveler wants something changed. */
export function takeAsked(turn: Turn, {request, command}: Extract<Event, {kind: 'asked'}>): void {
  const {asks, nowMs} = turn.state;
  set(turn, {asks: [...asks, {request, command, sinceMs: nowMs, givenMs: undefined}]});
  if (command.length > mostBytes) {
    resolve(turn, request, tooLarge(command));
  } else if (asks.length >= mostAsks) {
    resolve(turn, request, refuse(`${mostAsks} commands are waiting here already`, 'try again in a few seconds'));
  }

  pursueAsks(turn);
}

/** Give what was asked here to the leader, again if it was not answered; refuse what cannot be. */
export function pursueAsks(turn: Turn): void {
  for (const ask of turn.state.asks) {
    pursueAsk(turn, ask);
  }
}

function pursueAsk(turn: Turn, ask: Ask): void {
  const {setup, state} = turn;
  const {nowMs, leader} = state;
  if (leader === undefined) {
    pursueAlone(turn, ask);
    if (isAnswered(turn, ask)) {
      return;
    }

    if (nowMs >= refusedAtMs(turn, ask)) {
      resolve(turn, ask.request, noLeader(turn, ask));
    }
  } else if (nowMs - ask.sinceMs >= setup.timing.leaseMs * 1.1 + graceMs) {
    resolve(turn, ask.request, noAnswer(leader));
  } else if (ask.givenMs === undefined || nowMs - ask.givenMs >= repeatMs) {
    give(turn, ask, leader);
  }
}

/** Whoever has been without a majority for a while need not wait for an election. */
function refusedAtMs(turn: Pick<Turn, 'setup' | 'state'>, {sinceMs}: Ask): number {
  const {leaderlessSinceMs} = turn.state;
  return (hasMajority(turn) ? Math.max(sinceMs, leaderlessSinceMs) : leaderlessSinceMs) + leaderlessMs;
}

/** When the next ask must be refused, if no leader is found before; infinity: none is waiting for a leader. */
export function refuseAtMs(turn: Pick<Turn, 'setup' | 'state'>): number {
  const {leader, asks} = turn.state;
  return leader === undefined && asks.length > 0
    ? Math.min(...asks.map(ask => refusedAtMs(turn, ask)))
    : Number.POSITIVE_INFINITY;
}

function isAnswered({state}: Turn, {request}: Ask): boolean {
  return state.leader !== undefined || !state.asks.some(one => one.request === request);
}

/** What gives members up is decided where it is asked, for want of a leader. */
function pursueAlone(turn: Turn, ask: Ask): void {
  const named = turn.setup.content.givesUp(ask.command);
  const verdict = named.length === 0 ? 'wait' : giveUp(turn, ask, named);
  if (verdict !== 'wait' && verdict !== 'done') {
    resolve(turn, ask.request, refuse(verdict.refusal, verdict.advice));
  }
}

function give(turn: Turn, ask: Ask, leader: LevelerId): void {
  const {state, setup} = turn;
  const given = {...ask, givenMs: state.nowMs};
  set(turn, {asks: state.asks.map(one => (one === ask ? given : one))});
  if (leader === setup.id) {
    enqueue(turn, setup.id, ask.request, ask.command);
  } else {
    send(turn, leader, {kind: 'commandForwarded', request: ask.request, command: ask.command});
  }
}

/**
 * At the leader: another leveler was asked. What is under way goes on, what was answered is answered again. One that has yet to
 * learn that its leader's box began a cluster of its own wants it done in another.
 */
export function takeForwarded(
  turn: Turn,
  from: LevelerId,
  {request, command}: Extract<Message, {kind: 'commandForwarded'}>,
): void {
  if (countsFrom(turn, from)) {
    enqueue(turn, from, request, command);
  }
}

/** What comes from another line is counted, and asked for again by whoever has joined this one since. */
function countsFrom(turn: Turn, from: LevelerId): boolean {
  const counts = isOfOurLine(turn.state, from);
  if (!counts) {
    act(turn, {kind: 'count', drop: 'other-lineage', sender: from});
  }

  return counts;
}

function enqueue(turn: Turn, from: LevelerId, request: string, command: Uint8Array): void {
  const {role, nowMs} = turn.state;
  if (role.kind !== 'leader' || role.jobs.some(job => job.from === from && job.request === request)) {
    return;
  }

  if (turn.setup.content.givesUp(command).length > 0) {
    reply(turn, from, request, refuse('a majority is heard and has a leader: nobody need be given up', withoutForce));
    return;
  }

  const known = role.answered.get(keyOf(from, request));
  const outcome = known?.outcome ?? refuseJob(role, command);
  if (outcome !== undefined) {
    reply(turn, from, request, outcome);
    return;
  }

  setLeading(turn, {jobs: [...role.jobs, {from, request, command, sinceMs: nowMs, done: undefined}]});
  pump(turn);
}

function refuseJob({jobs}: Leader, command: Uint8Array): Outcome | undefined {
  if (command.length > mostBytes) {
    return tooLarge(command);
  }

  return jobs.length >= mostJobs ? refuse('the leader has too much to do', 'try again in a few seconds') : undefined;
}

function tooLarge({length}: Uint8Array): Outcome {
  return refuse(
    `the command has ${length} bytes, and at most ${mostBytes} are taken`,
    'shorten the names in it: a name has at most 63 characters',
  );
}

function reply(turn: Turn, to: LevelerId, request: string, outcome: Outcome): void {
  if (to === turn.setup.id) {
    resolve(turn, request, outcome);
  } else {
    send(turn, to, {kind: 'commandResult', request, outcome});
  }
}

/** What was done in another cluster is not done in this one. */
export function takeResult(
  turn: Turn,
  from: LevelerId,
  {request, outcome}: Extract<Message, {kind: 'commandResult'}>,
): void {
  if (countsFrom(turn, from)) {
    resolve(turn, request, outcome);
  }
}

function noLeader(turn: Turn, {givenMs}: Ask): Outcome {
  const members = membersOf(turn.state.held);
  if (turn.state.held === undefined) {
    return refuse('this leveler has not joined a cluster yet', 'see `taco status`; try again in a few seconds');
  }

  const heard = countHeard(turn);
  const needed = majorityOf(members);
  const doubt = givenMs === undefined ? '' : '; the change was under way and may still take effect';
  return heard < needed
    ? refuse(
        `no majority: ${heard} of ${members.length} levelers ${heard === 1 ? 'is' : 'are'} heard, ${needed} are needed${doubt}`,
        bringBack(turn),
      )
    : refuse(`no leader has been elected yet${doubt}`, 'try again in a second');
}

const withoutForce = 'the same without --force: taco leveler remove NAME';

/** A caretaker may be told that the others are gone for good. */
function bringBack(turn: Turn): string {
  const names = silentNames(turn);
  return turn.state.charge.kind === 'caretaker'
    ? `bring ${names.join(', ')} back; if they are gone for good: taco leveler remove ${names.join(' ')} --force`
    : `bring ${names.join(', ')} back, or mend the nets between; see: taco status`;
}

function silentNames(turn: Turn): string[] {
  return othersOf(turn)
    .filter(({id}) => turn.state.peers.get(id)?.live !== true)
    .map(({name}) => name);
}

function noAnswer(leader: LevelerId): Outcome {
  return refuse(
    `leveler ${leader} leads and does not answer: the change may still take effect`,
    'see `taco status`, then repeat the command',
  );
}

function refuse(refusal: string, advice: string): Outcome {
  return {refusal, advice, changes: [], version: undefined, kept: [], applied: [], missing: [], fenced: []};
}
