import {type ArpFrame, broadcastRequest} from '@tacoplex/frames';
import type {IpAddress, LevelerId, MonotonicMs} from '@tacoplex/vocabulary';
import type {Action, Event, Probe, State, Step, View} from './announcing.ts';
import {change} from './changing.ts';
import {levelerBehind} from './neighbours.ts';
import {later, probeAnswerMs, probeGapMs} from './times.ts';

const questions = 3;

/** The sender of a question that changes no host's table. @see RFC 5227, 1.1 */
const nobody = '0.0.0.0' as IpAddress;

/** Begin to ask if the elector wants something asked that was not, and stop when it does not want to know any more. */
export function followProbe(state: State, {probe: number}: View, at: MonotonicMs): State {
  if (number === state.probe?.number) {
    return state;
  }

  const probe =
    number === undefined ? undefined : {number, asked: 0, nextAt: at, isDone: false, answeredBy: [], provenBy: []};
  return change(state, {probe});
}

/**
 * Ask what is due, or find that all has been asked. Without an address to ask for nothing can be found out. All but the
 * first question, and the end, wait for a timer: frames are read before one comes, and need not be before other events.
 */
export function keepProbing(state: State, {kind, at}: Event): Step {
  const {probe} = state;
  const mayGoOn = probe?.asked === 0 || kind === 'timeCame';
  if (probe === undefined || probe.isDone || at < probe.nextAt || !mayGoOn) {
    return [state, []];
  }

  if (probe.asked === questions) {
    const done = {...probe, isDone: true};
    return [change(state, {probe: done}), [said(done)]];
  }

  const asks = asksOf(state);
  const asked = probe.asked + 1;
  const nextAt = later(at, asked === questions ? probeAnswerMs : probeGapMs);
  return asks.length === 0 ? [state, []] : [change(state, {probe: {...probe, asked, nextAt}}), asks];
}

function asksOf({addresses, macs}: State): Action[] {
  const asks = addresses
    .filter(({net}) => net === 'a')
    .map(({ip}): Action => {
      return {kind: 'send', net: 'a', frame: broadcastRequest(macs.a, nobody, ip), limited: false};
    });
  return asks.length === 0 ? [] : [...asks, {kind: 'count', counter: 'probes'}];
}

/** Answers count, and so does every other frame of somebody who uses the address: he may have taken it just now. */
export function noteAnswer(state: State, {net, frame, provenBy}: Extract<Event, {kind: 'arpHeard'}>): Step {
  const {probe, macs, addresses} = state;
  const {source, arp} = frame;
  const isShared = addresses.some(address => address.net === 'a' && address.ip === arp.senderIp);
  if (probe === undefined || probe.asked === 0 || net !== 'a' || source === macs.a || !isShared) {
    return [state, []];
  }

  const by = provenBy ?? levelerBehind(state, 'a', source);
  const isProof = provenBy !== undefined && !probe.provenBy.includes(provenBy);
  const isNew = !probe.answeredBy.includes(by);
  if (!isNew && !isProof) {
    return [state, []];
  }

  const heard = {
    ...probe,
    answeredBy: isNew ? [...probe.answeredBy, by] : probe.answeredBy,
    provenBy: isProof ? [...probe.provenBy, provenBy] : probe.provenBy,
  };
  const doubts = provenBy === undefined ? doubtsOf(state, by, frame) : [];
  return [change(state, {probe: heard}), [said(heard), ...doubts]];
}

/** Levelers that are heard need prove nothing, and who is none is a stranger. */
function doubtsOf({view}: State, by: LevelerId | undefined, {source, arp}: ArpFrame): Action[] {
  const isHeard = view?.peers.some(({id, live}) => id === by && live) ?? false;
  return by === undefined || isHeard ? [] : [{kind: 'tellUnproven', ip: arp.senderIp, mac: source, leveler: by}];
}

function said({number, isDone, answeredBy, provenBy}: Probe): Action {
  return {kind: 'sayProbed', number, isDone, answeredBy, provenBy};
}

/** When the next question, or the end of waiting for answers, is due; undefined: nothing is asked. */
export function probeAt({probe, addresses}: State): MonotonicMs | undefined {
  return probe === undefined || probe.isDone || !addresses.some(({net}) => net === 'a') ? undefined : probe.nextAt;
}
