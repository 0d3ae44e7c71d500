import type {News} from '@tacoplex/election';
import type {Log} from '@tacoplex/log';
import {formatVersion} from '@tacoplex/vocabulary';

const nobody = 'nobody';

const voices = {
  alone: 'it is the only member',
  newcomer: 'it was admitted without ever having voted',
  'all-heard': 'it has heard every other member',
  'majority-heard': 'it is level with a leader that a majority follows',
} as const;

/** One line for each thing an operator may want to know. */
export function logNews(log: Log, news: News): void {
  switch (news.kind) {
    case 'role':
      log.notice('role changed', {role: news.role, term: news.term});
      break;
    case 'leader':
      log.notice('leader changed', {leader: news.leader ?? nobody, term: news.term});
      break;
    case 'live':
      log.notice('leveler heard', {leveler: news.peer, name: news.name});
      break;
    case 'suspect':
      log.notice('leveler silent', {leveler: news.peer, name: news.name});
      break;
    case 'left':
      log.notice('leveler left', {leveler: news.peer, name: news.name});
      break;
    case 'committed':
      log.notice('state in force', {
        version: formatVersion(news.stamp.version),
        digest: news.stamp.digest.slice(0, 8),
        members: news.members,
      });
      break;
    case 'caretaking':
      logCaretaking(log, news);
      break;
    case 'resigned':
      log.warn('majority lost, no longer leading', {heard: news.heard, needed: news.needed});
      break;
    case 'voice':
      log.notice('votes and acknowledgements count', {because: voices[news.why]});
      break;
    case 'removed':
      log.warn('removed from the cluster, forwarding nothing until let in again: taco leveler add');
      break;
    case 'twin':
      log.error('another leveler has this number too, and is told to stop: change its address on net B', {
        name: news.name,
        mac: news.mac ?? 'unknown',
      });
      break;
    case 'lineageLost':
      log.warn('own state given up for that of a stronger cluster of this name and key', {members: news.memberCount});
      break;
    case 'admitting':
      log.notice('leveler admitted', {leveler: news.peer, name: news.name});
      break;
    case 'notAdmitted':
      log.warn('leveler not admitted', {leveler: news.peer, reason: news.refusal});
      break;
  }
}

function logCaretaking(log: Log, {is, heard, members, servedBy}: Extract<News, {kind: 'caretaking'}>): void {
  switch (is) {
    case 'asking':
      log.warn('no leader with a majority, asking on net A whether others serve', {heard, members});
      break;
    case 'caretaker':
      log.warn('caretaker: serving without a majority, since nobody answers on net A; nothing can be changed', {
        heard,
        members,
      });
      break;
    case 'stopped':
      log.warn('stopped: no majority, and others serve', {heard, members, served_by: servedBy ?? 'unknown'});
      break;
    case 'idle':
      log.notice('no caretaker needed any more', {heard, members});
      break;
  }
}
