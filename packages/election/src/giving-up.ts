import {compareVersions, type LevelerId} from '@tacoplex/vocabulary';
import {resolve} from './answering.ts';
import type {Ask, Outcome, Peer, State} from './election.ts';
import {leadFork} from './leading.ts';
import {membersOf, othersOf, type Turn} from './turn.ts';
import {isMember, type Member, majorityOf} from './value.ts';

/** Whoever was heard so lately, however badly, is not gone. */
const goneMs = 2000;

/** Without a leader: whether the operator may give levelers up, and what becomes of the cluster then. */
export type Verdict =
  /** Not known yet. */
  'wait' | Pick<Outcome, 'refusal' | 'advice'> | 'done';

/**
 * A caretaker is told by the operator which members are gone for good, so that the rest is a majority again.
 *
 * Nobody can be sure of it, and if one of them lives, and others with it, both go on. So it is a new line of states from
 * here on, which descends from the newest state of those who are left: in each line all that an election promises holds.
 * When those given up are heard again the line with more forks is the stronger one: they give theirs up, and with it
 * what a majority of them may have decided meanwhile.
 */
export function giveUp(turn: Turn, ask: Ask, named: readonly LevelerId[]): Verdict {
  const verdict = mayGiveUp(turn, named);
  return verdict === 'done' ? fork(turn, ask) : verdict;
}

function mayGiveUp(turn: Turn, named: readonly LevelerId[]): Verdict {
  const {state, setup} = turn;
  const members = membersOf(state.held);
  const rest = members.filter(({id}) => !named.includes(id));
  const stranger = named.find(id => !isMember(state.held, id));
  const heard = named.find(id => id === setup.id || isHeard(state, state.peers.get(id)));
  const newer = othersOf(turn).find(({id}) => isNewerAt(state, id));
  const present = rest.filter(({id}) => id === setup.id || state.peers.get(id)?.live === true);
  if (stranger !== undefined) {
    return refusal(`leveler ${stranger} is no member`, 'see: taco leveler list');
  }

  if (heard !== undefined) {
    return refusal(
      `leveler ${nameOf(members, heard)} is heard: only who is gone for good can be given up`,
      howToRemove,
    );
  }

  if (state.charge.kind === 'stopped') {
    const {servedBy} = state.charge;
    const who = servedBy === undefined ? 'somebody' : `leveler ${nameOf(members, servedBy)}`;
    return refusal(
      `${who} answers for the service address on net A: others live and serve`,
      'mend net B, see: taco status',
    );
  }

  if (state.charge.kind !== 'caretaker') {
    return 'wait';
  }

  if (newer !== undefined) {
    return refusal(`leveler ${newer.name} has a newer state`, `type the same on ${newer.name}`);
  }

  return present.length >= majorityOf(rest)
    ? 'done'
    : refusal(
        `without ${named.map(id => nameOf(members, id)).join(' and ')} there are ${rest.length} levelers, and only ${present.length} of them are heard`,
        'name all that are gone for good: taco leveler remove NAME NAME --force',
      );
}

const howToRemove = 'without --force a majority removes a leveler: taco leveler remove NAME';

function isHeard(state: State, peer: Peer | undefined): boolean {
  const lastMs = Math.max(peer?.heardMs.a ?? Number.NEGATIVE_INFINITY, peer?.heardMs.b ?? Number.NEGATIVE_INFINITY);
  return peer !== undefined && (peer.live || state.nowMs - lastMs < goneMs);
}

function isNewerAt({held, peers}: State, id: LevelerId): boolean {
  const peer = peers.get(id);
  const said = peer?.live === true && peer.said?.lineage === held?.lineage ? peer.said?.held : undefined;
  return held !== undefined && said !== undefined && compareVersions(said.version, held.version) > 0;
}

function nameOf(members: readonly Member[], id: LevelerId): string {
  return members.find(member => member.id === id)?.name ?? String(id);
}

function refusal(why: string, advice: string): Verdict {
  return {refusal: why, advice};
}

function fork(turn: Turn, ask: Ask): Verdict {
  const {setup, state} = turn;
  if (state.held === undefined) {
    return 'wait';
  }

  const version = {term: state.term + 1, leader: setup.id, nonce: setup.nonce, index: 1};
  const carried = setup.content.carryOut(state.held, version, ask.command, new Map()); // No key is needed for it
  if (carried.kind === 'done') {
    leadFork(turn, carried.value, ask, carried.changes);
    return 'done';
  }

  if (carried.kind === 'repeated') {
    resolve(turn, ask.request, {
      refusal: carried.refusal,
      advice: '',
      changes: carried.changes,
      version: state.held.version,
      applied: [],
      missing: [],
      kept: [],
      fenced: [],
    });
    return 'done';
  }

  return {refusal: carried.refusal, advice: carried.advice};
}
