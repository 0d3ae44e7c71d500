import type {LevelerId} from '@tacoplex/vocabulary';
import type {About} from './beat.ts';
import type {State} from './election.ts';
import {countHeard, hasMajority, membersOf, type Turn} from './turn.ts';
import {majorityOf} from './value.ts';

type Believer = Pick<Turn, 'setup' | 'state'>;

/** Elections at heavy loss may take this long; without a leader for longer there will be none soon. */
const electionMs = 1000;

/** No leader is heard, and none to be expected: too few are heard, or too few know their votes. */
export function isForsaken(turn: Believer): boolean {
  const {leader, leaderlessSinceMs, nowMs} = turn.state;
  return leader === undefined && (!hasMajority(turn) || nowMs - leaderlessSinceMs >= electionMs);
}

/** Who asks and decides for all who hear each other: the lowest that stays and reaches net A. undefined: nobody can ask. */
export function chiefOf({setup, state}: Believer): LevelerId | undefined {
  let chief: LevelerId | undefined;
  for (const {id} of membersOf(state.held)) {
    if (id !== setup.id && (chief === undefined || id < chief) && canAsk(state, id)) {
      chief = id;
    }
  }

  const canBeAsked = reaches(state.about) && (!state.leaving || chief === undefined);
  return canBeAsked && (chief === undefined || setup.id < chief) ? setup.id : chief;
}

function canAsk({peers, held}: State, id: LevelerId): boolean {
  const peer = peers.get(id);
  const said = peer?.live === true ? peer.said : undefined;
  return said !== undefined && said.lineage === held?.lineage && !said.leaving && !said.witness && reaches(said.about);
}

function reaches({reachesA}: About): boolean {
  return reachesA;
}

function lowest(ids: readonly LevelerId[]): LevelerId | undefined {
  return ids.length === 0 ? undefined : (Math.min(...ids) as LevelerId);
}

/** Whether those who are not heard may be a majority. */
export function mayBeOutvoted(turn: Believer): boolean {
  const members = membersOf(turn.state.held);
  return members.length - countHeard(turn) >= majorityOf(members);
}

/** Whether the lowest of all members is among those who are heard: of two halves that is one. */
export function hasLowest({setup, state}: Believer): boolean {
  const first = lowest(membersOf(state.held).map(({id}) => id));
  return first === setup.id || (first !== undefined && state.peers.get(first)?.live === true);
}
