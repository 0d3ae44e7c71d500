import {broadcastRequest, unicastRequest} from '@tacoplex/frames';
import type {IpAddress, MonotonicMs} from '@tacoplex/vocabulary';
import type {Action, Contact, Event, Net, Reach, Reached, State, Step} from './announcing.ts';
import {change} from './changing.ts';
import {isAnotherConnected} from './ring.ts';
import {
  askAfterMs,
  askAgainMs,
  askLostMs,
  askTogetherMs,
  calmMs,
  earliest,
  holdDownMs,
  later,
  unansweredLimit,
} from './times.ts';

/** Contacts of one net: enough to know whether anybody is reached, few enough to ask them often. */
export const contactLimit = 8;

/** After so many unanswered questions to its MAC address the whole segment is asked: it may have another one now. */
const unicastTries = 3;

/** An answer to us proves that we are heard and hear. What is sent to all proves only half of that. */
export function hearContact(state: State, {net, frame, at}: Extract<Event, {kind: 'arpHeard'}>): State {
  const {source, destination, arp} = frame;
  const reach = state.reach[net];
  if (arp.operation !== 'reply' || destination !== state.macs[net] || !reach.contacts.has(arp.senderIp)) {
    return state;
  }

  const contact = {mac: source, unanswered: 0, askAt: later(at, askAfterMs)};
  return withReach(state, net, {...reach, contacts: new Map([...reach.contacts, [arp.senderIp, contact]])});
}

/**
 * Find out who answers, and, if a timer has come, ask whom it is time to ask. Between two timers frames are read, however
 * late they come; between other events they need not be, and whoever did not read the answers must not miss them. So the
 * elector's word is an occasion to ask only those who owe no answer.
 */
export function keepReaching(state: State, {kind, at}: Event): Step {
  if (state.sources === undefined) {
    return [state, []]; // Without an address of its own it can ask nobody
  }

  const whom = whomToAsk(state, kind, at);
  const [first, asks] = keepNet(state, 'a', at, whom);
  const [second, moreAsks] = keepNet(first, 'b', at, whom);
  return [second, [...asks, ...moreAsks]];
}

/** When the next question, or the end of a hold-down, is due; undefined: nobody is asked. */
export function reachAt({reach: {a, b}}: State): MonotonicMs | undefined {
  const [one, other] = [wakeOf(a), wakeOf(b)];
  return one === undefined || other === undefined ? (one ?? other) : earliest(one, other);
}

function wakeOf({contacts, backSince, holdDownMs: heldMs}: Reach): MonotonicMs | undefined {
  let wake = backSince === undefined ? undefined : later(backSince, heldMs);
  for (const {askAt} of contacts.values()) {
    wake = wake === undefined ? askAt : earliest(wake, askAt);
  }

  return wake;
}

export function reachedOf({reach: {a, b}}: State): Reached {
  return {routers: a.told, servers: b.told};
}

/** What has changed, for the others and for the operator. */
export function tellReach(before: State, after: State): Action[] {
  const nets = (['a', 'b'] as const).filter(net => before.reach[net].told !== after.reach[net].told);
  const tellings = nets.flatMap((net): Action[] => {
    const {told, contacts} = after.reach[net];
    return told === undefined ? [] : [{kind: 'tellReach', net, answering: told, asked: [...contacts.keys()]}];
  });
  return nets.length === 0 ? [] : [...tellings, {kind: 'sayReached', ...reachedOf(after)}];
}

type Whom = 'nobody' | 'whoever has answered' | 'whoever is due';

function whomToAsk({reach: {a, b}}: State, kind: Event['kind'], at: MonotonicMs): Whom {
  const contacts = [...a.contacts.values(), ...b.contacts.values()];
  if (kind === 'timeCame' && contacts.some(({askAt}) => at >= askAt)) {
    return 'whoever is due';
  }

  const isOccasion = kind === 'viewHeard' && contacts.some(contact => hasAnswered(contact) && at >= dueAt(contact));
  return isOccasion ? 'whoever has answered' : 'nobody';
}

function keepNet(state: State, net: Net, at: MonotonicMs, whom: Whom): Step {
  const isTime = whom !== 'nobody';
  const {contacts} = state.reach[net];
  const followed = contacts.size === 0 || isTime ? followContacts(state, net, at) : state;
  const [asked, asks] = isTime ? askDue(followed, net, at, whom) : [followed, []];
  const reach = asked.reach[net];
  const judged = judge(reach, at, isIndispensable(asked, net));
  return [judged === reach ? asked : withReach(asked, net, judged), asks];
}

function askDue(state: State, net: Net, at: MonotonicMs, whom: Exclude<Whom, 'nobody'>): Step {
  const source = state.sources?.[net];
  const due = [...state.reach[net].contacts].filter(
    ([, contact]) => at >= dueAt(contact) && (whom === 'whoever is due' || hasAnswered(contact)),
  );
  if (source === undefined || due.length === 0) {
    return [state, []];
  }

  const asked = due.map(([ip, contact]) => [ip, askedAt(contact, at)] as const);
  const contacts = new Map([...state.reach[net].contacts, ...asked]);
  const own = state.macs[net];
  const asks = due.flatMap(([ip, {mac, unanswered}]): Action[] => {
    const isKnown = mac !== undefined && unanswered < unicastTries;
    const frame = isKnown ? unicastRequest(own, source, mac, ip) : broadcastRequest(own, source, ip);
    return [
      {kind: 'send', net, frame, limited: false},
      {kind: 'count', counter: 'reach-questions'},
    ];
  });
  return [withReach(state, net, {...state.reach[net], contacts}), asks];
}

/** From when on a contact is asked along with another one that is due. */
function dueAt(contact: Contact): MonotonicMs {
  return hasAnswered(contact) ? later(contact.askAt, -askTogetherMs) : contact.askAt;
}

function hasAnswered({unanswered}: Contact): boolean {
  return unanswered === 0;
}

function askedAt({mac, unanswered}: Contact, at: MonotonicMs): Contact {
  const count = Math.min(unanswered + 1, unansweredLimit + 1);
  return {mac, unanswered: count, askAt: later(at, count > unansweredLimit ? askLostMs : askAgainMs)};
}

/** Ask those who are there now. What is known of one goes on to count. */
function followContacts(state: State, net: Net, at: MonotonicMs): State {
  const reach = state.reach[net];
  const wanted = contactsOf(state, net);
  const {contacts} = reach;
  if (wanted.length === contacts.size && wanted.every(ip => contacts.has(ip))) {
    return state;
  }

  const entries = wanted.map(ip => [ip, contacts.get(ip) ?? {mac: undefined, unanswered: 0, askAt: at}] as const);
  return withReach(state, net, {...reach, contacts: new Map(entries)});
}

/**
 * Whom to ask: servers on net B; on net A the routers that the config names, else those who were heard asking for a
 * LevIP. Of the latter those that fall silent are forgotten as neighbours, and stay contacts until there are others.
 */
function contactsOf(state: State, net: Net): IpAddress[] {
  const {sources, settings, servers, reach} = state;
  if (sources === undefined) {
    return [];
  }

  if (net === 'b' || settings.routers.length > 0) {
    return [...new Set(net === 'b' ? servers : settings.routers)].slice(0, contactLimit);
  }

  const {told, contacts} = reach.a;
  const learnt = learntOnA(state);
  const all = told === 0 || learnt.length === 0 ? [...learnt, ...contacts.keys()] : learnt;
  return [...new Set(all)].slice(0, contactLimit);
}

/** The last heard first. */
function learntOnA({addresses}: State): IpAddress[] {
  return addresses
    .filter(({net}) => net === 'a')
    .flatMap(({neighbours}) => [...neighbours])
    .sort(([, one], [, other]) => other.heardAt - one.heardAt)
    .map(([ip]) => ip);
}

/** Whether all others, however often this leveler has lost its contacts lately, reach nobody, or fewer servers. */
function isIndispensable({view, settings, reach}: State, net: Net): boolean {
  const servers = net === 'b' ? (countAnswering(reach.b) ?? 0) : 0;
  return view !== undefined && !isAnotherConnected(view, settings.self, servers);
}

/** What the others are told: a loss at once, a return after the hold-down, which is over if this leveler is needed. */
function judge(reach: Reach, at: MonotonicMs, isNeeded: boolean): Reach {
  const {told, contacts} = reach;
  const answering = countAnswering(reach);
  if (told === 0 && contacts.size > 0) {
    return (answering ?? 0) > 0 ? comeBack(reach, answering, at, isNeeded) : goAgain(reach);
  }

  if (answering === told) {
    return reach;
  }

  return answering === 0 ? lose(reach, at) : {...reach, told: answering, backSince: undefined};
}

function lose(reach: Reach, at: MonotonicMs): Reach {
  const isCalm = at - reach.lostAt > reach.holdDownMs + calmMs;
  const doubled = Math.min(2 * reach.holdDownMs, holdDownMs.most);
  return {...reach, told: 0, lostAt: at, holdDownMs: isCalm ? holdDownMs.least : doubled, backSince: undefined};
}

function comeBack(reach: Reach, answering: number | undefined, at: MonotonicMs, isNeeded: boolean): Reach {
  const backSince = reach.backSince ?? at;
  if (isNeeded || at >= later(backSince, reach.holdDownMs)) {
    return {...reach, told: answering, backSince: undefined};
  }

  return reach.backSince === undefined ? {...reach, backSince} : reach;
}

function goAgain(reach: Reach): Reach {
  return reach.backSince === undefined ? reach : {...reach, backSince: undefined};
}

/** @returns undefined while nobody is known to answer and somebody may yet */
function countAnswering({contacts}: Reach): number | undefined {
  const all = [...contacts.values()];
  const waiting = all.filter(({unanswered}) => unanswered <= unansweredLimit);
  const answering = waiting.filter(({mac}) => mac !== undefined);
  return answering.length > 0 ? answering.length : waiting.length > 0 || all.length === 0 ? undefined : 0;
}

function withReach(state: State, net: Net, reach: Reach): State {
  return change(state, {reach: {...state.reach, [net]: reach}});
}
