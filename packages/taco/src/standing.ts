import {joinNames} from './join-names.ts';
import {isPresent} from './presence.ts';
import type {StatusDocument} from './schemas.ts';

type Status = Omit<StatusDocument, 'warnings' | 'standing' | 'serving'>;
type Standing = StatusDocument['standing'];
type StandingState = Standing['state'];

/** What this leveler may do now, in a word, in words, and what to do about it; no advice: nothing need be done. */
export type Stand = Standing & {readonly advice: string};

/** What it does for want of a leader with a majority, as its elector says. */
type Caretaking = 'idle' | 'asking' | 'caretaker' | 'stopped';

/** How the levelers that count are heard. */
type Quorum = {readonly heard: number; readonly all: number; readonly needed: number; readonly silent: string[]};

/** What each state means for traffic and for changes. */
const meanings: Readonly<Record<StandingState, string>> = {
  whole: '',
  reduced: '',
  electing: 'traffic is served, changes wait for an election',
  minority: 'traffic is served by the state in force, nothing can be changed',
  asking: 'this leveler asks on net A whether others serve; nothing can be changed',
  caretaker: 'nobody else serves, so this leveler does, as a caretaker, by the state in force; nothing can be changed',
  stopped: 'others serve: this leveler forwards nothing, and nothing can be changed here',
  frozen: 'this leveler is frozen: it forwards nothing, and nothing can be changed',
  waiting: 'this leveler forwards nothing until it is level with the leader',
  outside: 'this leveler is no member: it forwards nothing',
  joining: 'this leveler has no cluster state yet: it forwards nothing',
  unknown: 'the elector of this leveler is silent: not known',
};

/** What the cluster can do as this leveler sees it. */
export function describeStanding(status: Status, caretaking: Caretaking): Stand {
  const state = stateOf(status, caretaking);
  const quorum = quorumOf(status);
  const count = state === 'unknown' || state === 'joining' ? '' : `${countWords(quorum)}; `;
  return {state, words: `${count}${meanings[state] || spareWords(quorum)}`, advice: adviceFor(state, status, quorum)};
}

function stateOf(
  {role, version, leader, hasMajority, mayForward, levelers}: Status,
  caretaking: Caretaking,
): StandingState {
  const self = levelers.find(leveler => leveler.self);
  if (role === null || self === undefined) {
    return 'unknown';
  }

  if (version === null) {
    return 'joining';
  }

  if (!self.member) {
    return 'outside';
  }

  if (hasMajority === false) {
    return caretaking === 'idle' ? (mayForward === false ? 'frozen' : 'minority') : caretaking;
  }

  if (leader === null) {
    return 'electing';
  }

  return mayForward === false ? 'waiting' : levelers.some(isMissing) ? 'reduced' : 'whole';
}

function isMissing(leveler: Status['levelers'][number]): boolean {
  return leveler.member && !isPresent(leveler);
}

function quorumOf({levelers}: Status): Quorum {
  const members = levelers.filter(({member}) => member);
  const silent = members.filter(isMissing).map(({name}) => name);
  return {
    heard: members.length - silent.length,
    all: members.length,
    needed: Math.floor(members.length / 2) + 1,
    silent,
  };
}

function countWords({heard, all, needed}: Quorum): string {
  return heard < needed
    ? `no majority: ${heard} of ${all} levelers ${heard === 1 ? 'is' : 'are'} heard, ${needed} are needed`
    : `majority: ${heard} of ${all} levelers heard, ${needed} needed`;
}

/** How many more may fail before nothing can be changed any more. */
function spareWords({heard, needed, all}: Quorum): string {
  if (all === 1) {
    return 'it is alone';
  }

  const spare = heard - needed;
  return spare === 0 ? 'if one more fails, nothing can be changed' : `${spare} more may fail`;
}

function adviceFor(state: StandingState, {self, servedBy}: Status, {silent}: Quorum): string {
  switch (state) {
    case 'whole':
    case 'reduced':
      return '';
    case 'electing':
      return 'look again in a second: taco status; if it stays: taco logs elector';
    case 'stopped':
      return `mend the nets to ${joinNames(silent)}; changes are made on the side that serves${servedBy === null ? '' : `, on ${servedBy}`}`;
    case 'minority':
    case 'asking':
    case 'caretaker':
    case 'frozen':
      return `bring ${joinNames(silent)} back, or mend the nets to ${silent.length === 1 ? 'it' : 'them'}; see taco logs elector`;
    case 'waiting':
      return 'look again in a second: taco status; if it stays: taco logs elector';
    case 'outside':
      return `it joins by itself, unless it was removed: then, on a member: taco leveler add ${self ?? 'NAME'}`;
    case 'joining':
      return 'taco logs elector shows what it waits for';
    case 'unknown':
      return 'taco logs elector shows why';
  }
}
