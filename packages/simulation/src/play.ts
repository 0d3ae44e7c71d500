import type {Beat, Message, News, State} from '@tacoplex/election';
import {formatVersion, type LevelerId} from '@tacoplex/vocabulary';

const mostLines = 4000;

/** What happened, as a play: time in ms, who, what. */
export class Play {
  readonly #lines: {readonly atMs: number; readonly line: string}[] = [];

  get lines(): readonly string[] {
    return this.#lines.map(({atMs, line}) => `${atMs.toFixed(1).padStart(10)}  ${line}`);
  }

  say(atMs: number, line: string): void {
    this.#lines.push({atMs, line});
    if (this.#lines.length > 2 * mostLines) {
      this.#lines.splice(0, mostLines);
    }
  }
}

export const nameOf = (leveler: LevelerId | number): string => `leveler${leveler}`;

/** @param lostOn the nets on which it did not get through */
export function sayMessage(from: LevelerId, to: LevelerId, message: Message, lostOn: string): string {
  const fate = lostOn === '' ? '' : lostOn.length > 1 ? ' … and it is lost on both nets' : ` … lost on net ${lostOn}`;
  return `${nameOf(from)} to ${nameOf(to)}: ${tellMessage(message)}${fate}`;
}

function tellMessage(message: Message): string {
  switch (message.kind) {
    case 'preVoteAsked':
      return `would you vote for me in term ${message.term}? I hold ${formatVersion(message.version)}`;
    case 'voteAsked':
      return `vote for me in term ${message.term}! I hold ${formatVersion(message.version)}`;
    case 'preVoteAnswered':
      return message.granted ? `I would, in term ${message.term}` : `I would not; it is term ${message.term}`;
    case 'voteAnswered':
      return message.granted
        ? `my vote in term ${message.term} is yours`
        : `no vote for you; it is term ${message.term}`;
    case 'fetch':
      return `send me your state; I have ${message.have === undefined ? 'none' : formatVersion(message.have.version)}`;
    case 'proposal':
      return `keep ${formatVersion(message.stamp.version)}${message.leading ? `, I lead term ${message.term}` : ''}`;
    case 'commandForwarded':
      return `carry out ${message.request}`;
    case 'commandResult':
      return `${message.request}: ${message.outcome.refusal || 'done'}`;
    case 'leaveAsked':
      return message.stay ? 'stay after all' : 'leave, an operator wants it';
    case 'leaveAnswered':
      return message.refusal || 'as you wish';
  }
}

export function sayBeat(from: LevelerId, beat: Beat): string {
  const held = beat.held === undefined ? 'nothing' : formatVersion(beat.held.version);
  const heard = beat.echoes.map(({id}) => id).join(' ');
  return `${nameOf(from)} beats: ${beat.role} in term ${beat.term}, holds ${held}, hears ${heard === '' ? 'nobody' : heard}`;
}

/** What a leveler concluded in one step, beyond what it tells the log. */
export function sayDecision(self: LevelerId, before: State, after: State): string | undefined {
  if (after.votedFor !== undefined && (after.votedFor !== before.votedFor || after.term !== before.term)) {
    return `${nameOf(self)} votes for ${after.votedFor === self ? 'itself' : nameOf(after.votedFor)} in term ${after.term}`;
  }

  return after.term === before.term ? undefined : `${nameOf(self)} enters term ${after.term}`;
}

export function sayNews(self: LevelerId, news: News): string {
  return `${nameOf(self)} ${tellNews(news)}`;
}

function tellNews(news: News): string {
  switch (news.kind) {
    case 'role':
      return `is ${news.role === 'leader' ? 'the leader of' : `a ${news.role} in`} term ${news.term}`;
    case 'leader':
      return news.leader === undefined ? `knows no leader in term ${news.term}` : `follows ${nameOf(news.leader)}`;
    case 'live':
      return `hears ${nameOf(news.peer)}`;
    case 'suspect':
      return `no longer hears ${nameOf(news.peer)}`;
    case 'left':
      return `hears ${nameOf(news.peer)} say goodbye`;
    case 'committed':
      return `takes ${formatVersion(news.stamp.version)} for committed`;
    case 'caretaking':
      return tellCaretaking(news);
    case 'resigned':
      return `resigns: hears ${news.heard}, needs ${news.needed}`;
    case 'voice':
      return `knows its votes again (${news.why})`;
    case 'removed':
      return 'is no member any more';
    case 'twin':
      return `has a twin, ${news.name}`;
    case 'lineageLost':
      return 'gives up its own cluster for a stronger one';
    case 'admitting':
      return `lets ${nameOf(news.peer)} in`;
    case 'notAdmitted':
      return `does not let ${nameOf(news.peer)} in: ${news.refusal}`;
  }
}

function tellCaretaking({is, heard, members, servedBy}: Extract<News, {kind: 'caretaking'}>): string {
  switch (is) {
    case 'asking':
      return `asks on net A whether others serve: hears ${heard} of ${members}`;
    case 'caretaker':
      return `is a caretaker: hears ${heard} of ${members}, and nobody answers on net A`;
    case 'stopped':
      return `stops: hears ${heard} of ${members}, and ${servedBy === undefined ? 'others serve' : `${nameOf(servedBy)} serves`}`;
    case 'idle':
      return 'needs no caretaker any more';
  }
}
