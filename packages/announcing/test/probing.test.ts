import {broadcastMac, zeroMac} from '@tacoplex/frames';
import type {MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {claimsOf, type Event, type Peer, type State, wakeAt} from '../src/index.ts';
import {
  arpHeard,
  begin,
  claim,
  claimOnWire,
  counted,
  grabbed,
  holder,
  id,
  ip,
  levIp,
  macOf,
  ms,
  peer,
  sent,
  strangerMac,
  take,
  time,
  view,
} from './builders.ts';

const both = [peer(1), peer(2)];
const alone = [peer(1), peer(2, {live: false})];

/** The elector wants the question with this number asked. */
const wants = (at: number, probe: number | undefined, peers: readonly Peer[] = both, changes = {}): Event => {
  const event = view(at, peers);
  return event.kind === 'viewHeard' ? {...event, view: {...event.view, probe, ...changes}} : event;
};

const question = {
  source: macOf(1),
  destination: broadcastMac,
  arp: {operation: 'request', senderMac: macOf(1), senderIp: ip('0.0.0.0'), targetMac: zeroMac, targetIp: levIp},
} as const;

const asking = (): State => take(begin(), view(0, both), wants(100, 7))[0];

test("who is to ask asks three times, 40 ms apart, in nobody's name, and has asked 10 ms later", t => {
  const [first, at100] = take(begin(), view(0, both), wants(100, 7));
  const [second, at139] = take(first, time(139));
  const [third, at140] = take(second, time(140));
  const [fourth, at180] = take(third, time(180));
  const [done, at190] = take(fourth, time(190));

  t.deepEqual([at100, at139, at140, at180, at190].map(sent), [[question], [], [question], [question], []]);
  t.deepEqual(counted(at100), ['probes']);
  t.deepEqual(at190, [{kind: 'sayProbed', number: 7, isDone: true, answeredBy: [], provenBy: []}]);
  t.is(wakeAt(first), ms(140));
  t.deepEqual(sent(take(done, wants(200, 7))[1]), []);
  t.deepEqual(sent(take(done, wants(200, 8))[1]), [question]);
});

test('a process that is kept busy with views reads no answers, and does not find that there are none', t => {
  const busy = Array.from({length: 10}, (_, index) => wants(140 + 40 * index, 7));
  const [state, late] = take(asking(), ...busy);
  const [, again] = take(state, time(550));

  t.deepEqual([counted(late), counted(again).filter(counter => counter === 'probes')], [[], ['probes']]);
});

test('a question that nobody wants to know about any more is not asked again', t => {
  const [state] = take(asking(), wants(120, undefined));

  t.deepEqual(sent(take(state, time(140))[1]), []);
});

for (const [who, mac, by] of [
  ['a leveler', macOf(2), id(2)],
  ['somebody unknown', strangerMac, undefined],
] as const) {
  test(`an answer of ${who} is told at once, and once`, t => {
    const answer = {
      source: mac,
      destination: macOf(1),
      arp: {operation: 'reply', senderMac: mac, senderIp: levIp, targetMac: macOf(1), targetIp: ip('0.0.0.0')},
    } as const;
    const [state, actions] = take(asking(), arpHeard(101, answer));

    t.deepEqual(
      actions.filter(({kind}) => kind === 'sayProbed'),
      [{kind: 'sayProbed', number: 7, isDone: false, answeredBy: [by], provenBy: []}],
    );
    t.false(take(state, arpHeard(102, answer))[1].some(({kind}) => kind === 'sayProbed'));
  });
}

test('a proof is told, also after an answer of the same leveler without one', t => {
  const answer = {
    source: macOf(2),
    destination: macOf(1),
    arp: {operation: 'reply', senderMac: macOf(2), senderIp: levIp, targetMac: macOf(1), targetIp: ip('0.0.0.0')},
  } as const;
  const proof = {...arpHeard(102, answer), provenBy: id(2)} as Event;
  const [state, actions] = take(asking(), arpHeard(101, answer), proof);

  t.deepEqual(actions, [{kind: 'sayProbed', number: 7, isDone: false, answeredBy: [id(2)], provenBy: [id(2)]}]);
  t.deepEqual(take(state, proof)[1], []);
});

test('what is said in the name of a leveler that is not heard, without a proof, is told with its MAC address', t => {
  const doubts = (peers: readonly Peer[], mac: MacAddress): unknown[] =>
    take(begin(), view(0, peers), wants(100, 7, peers), arpHeard(101, claimOnWire(mac)))[1].filter(
      ({kind}) => kind === 'tellUnproven',
    );

  t.deepEqual(doubts(alone, macOf(2)), [{kind: 'tellUnproven', ip: levIp, mac: macOf(2), leveler: id(2)}]);
  t.deepEqual([doubts(both, macOf(2)), doubts(alone, strangerMac)], [[], []]);
});

test('who takes an address while it is asked for counts as who answers', t => {
  const [, actions] = take(asking(), arpHeard(110, claimOnWire(macOf(2))));

  t.like(actions[0], {kind: 'sayProbed', answeredBy: [id(2)]});
});

test('a holder answers such a question, with or without the right to take addresses', t => {
  const asked = arpHeard(501, {...question, source: macOf(2), arp: {...question.arp, senderMac: macOf(2)}});
  const [, actions] = take(holder(), wants(500, undefined, alone, {mayTake: false}), asked);

  t.like(sent(actions)[0], {destination: macOf(2), arp: {operation: 'reply', senderMac: macOf(1), senderIp: levIp}});
});

test('who may not take addresses takes none, even one that nobody holds', t => {
  const events = [0, 100, 200, 300, 400].map(at => wants(at, undefined, alone, {mayTake: false}));

  t.deepEqual(grabbed(take(begin(), ...events)[1]), []);
  t.is(grabbed(take(begin(), ...events, wants(500, undefined, alone))[1]).length, 1);
});

test('where others serve, what was held is given up at once', t => {
  const [state, actions] = take(holder(), wants(400, 7, alone, {mayForward: false, mayTake: false, mayHold: false}));

  t.deepEqual(claimsOf(state), [claim({holding: false})]);
  t.true(actions.some(({kind}) => kind === 'sayClaims'));
  t.deepEqual(sent(take(state, arpHeard(401, {...question, source: macOf(2)}))[1]), []);
});
