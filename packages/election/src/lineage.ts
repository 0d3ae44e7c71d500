import type {LevelerId} from '@tacoplex/vocabulary';
import type {Beat} from './beat.ts';
import type {State} from './election.ts';
import {stepDown} from './rounds.ts';
import {act, set, type Turn, tell} from './turn.ts';
import type {Value} from './value.ts';

/** How long a stronger cluster of the same name and key must be heard before this leveler gives its own up. */
const patienceMs = 1000;

/**
 * What decides between two clusters that were born apart: more members, then term, then the name of the lineage. Before all
 * that, how often an operator has said who is given up: he knows better.
 */
type Strength = {readonly forks: number; readonly memberCount: number; readonly term: number; readonly lineage: string};

type Claimant = Pick<Beat, 'forks' | 'memberCount' | 'term' | 'lineage'>;

export function strongest(beats: readonly Claimant[]): Strength | undefined {
  let best: Strength | undefined;
  for (const {forks, memberCount, term, lineage} of beats) {
    if (lineage !== undefined && (best === undefined || isStronger({forks, memberCount, term, lineage}, best))) {
      best = {forks, memberCount, term, lineage};
    }
  }

  return best;
}

function isStronger(one: Strength, other: Strength): boolean {
  return (
    (one.forks - other.forks ||
      one.memberCount - other.memberCount ||
      one.term - other.term ||
      (one.lineage > other.lineage ? 1 : -1)) > 0 && one.lineage !== other.lineage
  );
}

/** Whether the process that speaks for another leveler holds a state of the line that is held here. */
export function isOfOurLine({peers, held}: State, from: LevelerId): boolean {
  return held !== undefined && peers.get(from)?.said?.lineage === held.lineage;
}

function ownStrength(held: Value, term: number): Strength {
  return {forks: held.forks, memberCount: held.members.length, term, lineage: held.lineage};
}

/**
 * Whether whoever gives his cluster up would not be left outside: it is led, or waits for this very member. Of the latter
 * nothing need be known to be committed: it may have been about to commit when it lost the member that it waits for.
 */
function canTakeIn({setup}: Turn, {leader, committed, echoes}: Beat): boolean {
  const known = echoes.find(({id}) => id === setup.id);
  return known?.member === true || (leader !== undefined && committed !== undefined);
}

/** A cluster of the same name and key, born elsewhere: the weaker of the two ends, leveler by leveler. */
export function noteRival(turn: Turn, beat: Beat): void {
  const {held, term, rival, nowMs} = turn.state;
  const {forks, memberCount, lineage} = beat;
  if (held === undefined || lineage === undefined || !canTakeIn(turn, beat)) {
    return;
  }

  if (!isStronger({forks, memberCount, term: beat.term, lineage}, ownStrength(held, term))) {
    set(turn, rival?.lineage === lineage ? {rival: undefined} : {});
  } else if (rival?.lineage !== lineage) {
    set(turn, {rival: {lineage, sinceMs: nowMs}});
  } else if (nowMs - rival.sinceMs >= patienceMs) {
    giveUp(turn, beat);
  }
}

/** Begin anew, as if the disk were empty. What the data path follows stays until the other cluster's state is here. */
function giveUp(turn: Turn, {lineage = '', memberCount}: Beat): void {
  const {nowMs} = turn.state;
  set(turn, {
    held: undefined,
    kept: false,
    committed: undefined,
    leader: undefined,
    leaderlessSinceMs: nowMs,
    term: 0,
    votedFor: undefined,
    sound: false,
    settled: false,
    removed: false,
    lag: undefined,
    rival: undefined,
    fetchedMs: undefined,
    behindSinceMs: undefined,
    newsMs: nowMs,
  });
  stepDown(turn);
  act(turn, {kind: 'forget'});
  tell(turn, {kind: 'lineageLost', to: lineage, memberCount});
}
