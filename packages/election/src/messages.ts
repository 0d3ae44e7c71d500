import type {LevelerId} from '@tacoplex/vocabulary';
import {countPreVote, countVote, takePreVoteAsked, takeVoteAsked} from './candidacy.ts';
import {takeForwarded, takeResult} from './commands.ts';
import type {Message} from './election.ts';
import {answerFetch, takeProposal} from './following.ts';
import {act, type Turn} from './turn.ts';

/** Take a message that was said to this leveler: authentic, fresh, and for the first time. */
export function takeMessage(turn: Turn, from: LevelerId, message: Message): void {
  switch (message.kind) {
    case 'preVoteAsked':
      takePreVoteAsked(turn, from, message);
      break;
    case 'voteAsked':
      takeVoteAsked(turn, from, message);
      break;
    case 'preVoteAnswered':
      countPreVote(turn, from, message);
      break;
    case 'voteAnswered':
      countVote(turn, from, message);
      break;
    case 'fetch':
      answerFetch(turn, from, message);
      break;
    case 'proposal':
      takeProposal(turn, from, message);
      break;
    case 'commandForwarded':
      takeForwarded(turn, from, message);
      break;
    case 'commandResult':
      takeResult(turn, from, message);
      break;
    case 'leaveAsked':
    case 'leaveAnswered':
      act(turn, {kind: 'errand', from, errand: message});
      break;
  }
}
