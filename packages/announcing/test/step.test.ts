import {broadcastMac, zeroMac} from '@tacoplex/frames';
import type {MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {claimsOf, type Event, firstState, neighbourLimit, reportOf, type State, step, wakeAt} from '../src/index.ts';
import {
  acknowledgement,
  arpHeard,
  begin,
  claim,
  claimOnWire,
  counted,
  gateway,
  grabbed,
  holder,
  id,
  ip,
  levIp,
  macOf,
  ms,
  peer,
  question,
  router,
  routerMac,
  sent,
  settings,
  strangerMac,
  take,
  time,
  view,
  views,
} from './builders.ts';

const isHolding = (state: State): boolean => claimsOf(state)[0]?.holding === true;
const both = [peer(1), peer(2)];

/** Leveler 2 of levelers 1, 2 and 3, where leveler 1 holds the LevIP. */
const follower = (self = 2, dwellMs = 0): State =>
  take(
    begin({self: id(self), dwellMs}),
    ...views(0, 400, [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)]),
  )[0];

test('an announcer that has heard nothing of the elector neither answers nor wakes', t => {
  const [state, actions] = take(begin(), time(1000), arpHeard(1001, question()));

  t.deepEqual(sent(actions), []);
  t.deepEqual(counted(actions), ['unanswered-untrusted']);
  t.is(wakeAt(state), undefined);
});

test('the first of the ring takes an address that nobody holds, once it has listened for 300 ms', t => {
  const [waiting, early] = take(begin(), ...views(0, 200, both), time(299));
  const [state, actions] = take(waiting, time(300));

  t.deepEqual(grabbed(early), []);
  t.deepEqual(grabbed(actions), [{kind: 'tellGrab', ip: levIp, turn: 1, reason: 'nobody held it'}]);
  t.deepEqual(claimsOf(state), [claim()]);
});

test('address number i starts i places further in the ring', t => {
  const addresses = [0, 1, 2, 3].map(index => ({ip: ip(`10.0.0.${200 + index}`), net: 'a' as const, index}));
  const peers = [peer(1), peer(2), peer(3)];
  const taken = [1, 2, 3].map(self => {
    const [state] = take(begin({self: id(self), addresses}), ...views(0, 300, peers));
    return reportOf(state, ms(300)).map(({holder: held}) => held);
  });

  t.deepEqual(taken, [
    [1, undefined, undefined, 1],
    [undefined, 2, undefined, undefined],
    [undefined, undefined, 3, undefined],
  ] as never);
});

for (const [what, changes] of Object.entries({
  'is no member': {member: false},
  'is leaving': {leaving: true},
  'does not reach net A': {reachesA: false},
  'does not reach net B': {reachesB: false},
})) {
  test(`a leveler that ${what} takes nothing, and the next one does`, t => {
    const peers = [peer(1, changes), peer(2)];

    t.false(isHolding(take(begin(), ...views(0, 900, peers))[0]));
    t.true(isHolding(take(begin({self: id(2)}), ...views(0, 300, peers))[0]));
  });
}

test('a leveler that may not forward takes nothing, and releases what it holds while it still answers', t => {
  const [fenced] = take(begin(), view(0, both, false), view(300, both, false), view(600, both, false));
  const [state] = take(holder(), view(400, both, false));
  const [, actions] = take(state, arpHeard(401, question()));

  t.false(isHolding(fenced));
  t.deepEqual(claimsOf(state), [claim({releasing: true})]);
  t.deepEqual(counted(actions), ['answers']);
});

test('a steal is both gratuitous forms to all and a question to each router, repeated after 50 and 200 ms', t => {
  const [first, at0] = take(begin(), ...views(0, 300, both));
  const [second, at50] = take(first, time(350));
  const [third, at199] = take(second, time(499));
  const [, at200] = take(third, time(500));

  t.deepEqual(sent(at0), [
    claimOnWire(macOf(1)),
    {
      source: macOf(1),
      destination: broadcastMac,
      arp: {operation: 'reply', senderMac: macOf(1), senderIp: levIp, targetMac: macOf(1), targetIp: levIp},
    },
    {
      source: macOf(1),
      destination: broadcastMac,
      arp: {operation: 'request', senderMac: macOf(1), senderIp: levIp, targetMac: zeroMac, targetIp: router},
    },
  ]);
  t.deepEqual(sent(at50), sent(at0));
  t.deepEqual(sent(at199), []);
  t.deepEqual(sent(at200), sent(at0));
});

test('a steal ends when every neighbour has answered', t => {
  const [stealing] = take(begin(), ...views(0, 300, both));
  const [done, actions] = take(stealing, arpHeard(310, acknowledgement(macOf(1))));

  t.deepEqual(counted(actions), ['acknowledged']);
  t.deepEqual(sent(take(done, time(350))[1]), []);
  t.deepEqual(sent(take(done, time(500))[1]), []);
});

test('a neighbour that is known is asked by its own MAC address', t => {
  const asked = take(begin(), arpHeard(0, question({from: ip('10.0.0.7')})))[0];
  const [, actions] = take(asked, ...views(1, 301, both));

  t.deepEqual(
    sent(actions)
      .slice(2)
      .map(({destination, arp}) => [destination, arp.targetIp]),
    [
      [broadcastMac, router],
      [routerMac, ip('10.0.0.7')],
    ],
  );
});

test('a learnt neighbour that leaves a whole steal unanswered is forgotten, a configured one is not', t => {
  const asked = take(begin(), arpHeard(0, question({from: ip('10.0.0.7')})))[0];
  const [state, actions] = take(asked, ...views(0, 300, both), time(350), time(500), time(700));
  const [again] = take(state, {kind: 'linkUp', net: 'a', mac: macOf(1), at: ms(750)});

  t.deepEqual(counted(actions), ['unacknowledged', 'unacknowledged']);
  t.deepEqual(again.addresses[0]?.steal?.pending, [router]);
});

test('neighbours beyond the limit push out the one heard least lately', t => {
  let state = begin();
  for (let host = 0; host <= neighbourLimit; host++) {
    const from = ip(`10.0.${1 + (host >> 8)}.${host & 255}`);
    [state] = take(
      {
        ...state,
        settings: settings({subnets: {...state.settings.subnets, a: {address: ip('10.0.0.0'), prefixLength: 16}}}),
      },
      arpHeard(host, question({from})),
    );
  }

  const known = [...(state.addresses[0]?.neighbours.keys() ?? [])];
  t.is(known.length, neighbourLimit);
  t.deepEqual([known[0], known.at(-1)], [ip('10.0.1.1'), ip('10.0.2.0')]);
});

for (const [who, frame] of Object.entries({
  'a host beyond the net': question({from: ip('192.0.2.7')}),
  'a probe without an address': question({from: ip('0.0.0.0')}),
  'another leveler': {...question(), source: macOf(2), arp: {...question().arp, senderMac: macOf(2)}},
})) {
  test(`${who} is answered, but not learnt as a neighbour`, t => {
    const before = holder();
    const [state, actions] = take(before, arpHeard(400, frame));

    t.is(state.addresses[0]?.neighbours.size, before.addresses[0]?.neighbours.size);
    t.deepEqual(counted(actions), ['answers']);
  });
}

test('the steal of a gateway asks every server on net B', t => {
  const addresses = [{ip: gateway, net: 'b' as const, index: 0}];
  const servers = ['10.0.1.101', '10.0.1.102', '10.0.9.9', 'fd00:b::1'].map(ip);
  const [, actions] = take(begin({addresses}), {kind: 'serversChanged', servers, at: ms(0)}, ...views(0, 300, both));

  t.deepEqual(
    sent(actions).map(({source, arp}) => [source, arp.targetIp]),
    [gateway, gateway, '10.0.1.101', '10.0.1.102'].map(target => [macOf(1, 'b'), target as never]),
  );
});

test('the holder answers everybody', t => {
  const [, actions] = take(holder(), arpHeard(400, question()));

  t.deepEqual(sent(actions), [
    {
      source: macOf(1),
      destination: routerMac,
      arp: {operation: 'reply', senderMac: macOf(1), senderIp: levIp, targetMac: routerMac, targetIp: router},
    },
  ]);
});

test('who does not hold an address is silent to all, and tells the holder to whoever asks it alone', t => {
  const [state, toAll] = take(follower(), arpHeard(400, question()));
  const [, toUs] = take(state, arpHeard(401, question({to: macOf(2)})));

  t.deepEqual(sent(toAll), []);
  t.deepEqual(
    sent(toUs).map(({source, arp}) => [source, arp.senderMac]),
    [[macOf(2), macOf(1)]],
  );
  t.deepEqual(counted(toUs), ['answers-for-holder']);
});

test('who is asked alone while nobody is known to hold it answers with its own MAC', t => {
  const [state] = take(begin({self: id(2)}), view(0, [peer(1), peer(2)]));
  const [, actions] = take(state, arpHeard(1, question({to: macOf(2)})));

  t.deepEqual(
    sent(actions).map(({arp}) => arp.senderMac),
    [macOf(2)],
  );
});

test('who is asked alone and could not forward is silent, so that the asker asks all', t => {
  const [state] = take(begin({self: id(2)}), view(0, [peer(1), peer(2, {reachesB: false})]));
  const [, actions] = take(state, arpHeard(1, question({to: macOf(2)})));

  t.deepEqual(counted(actions), ['unanswered-unfit']);
  t.deepEqual(sent(actions), []);
});

test('a question for somebody else, or to somebody else, is none of ours', t => {
  for (const frame of [question({for: ip('10.0.0.9')}), question({to: macOf(3)})]) {
    t.deepEqual(take(holder(), arpHeard(400, frame))[1], []);
  }
});

test('a LevIP asked for on net B is not answered', t => {
  t.deepEqual(take(holder(), arpHeard(400, question(), 'b'))[1], []);
});

test('who has not heard the elector for more than 650 ms gives up and is silent', t => {
  const [held] = take(holder(), time(950));
  const [state, actions] = take(held, time(951));
  const [, answer] = take(state, arpHeard(952, question({to: macOf(1)})));

  t.true(isHolding(held));
  t.false(isHolding(state));
  t.deepEqual(
    actions.map(({kind}) => kind),
    ['tellHolder', 'sayClaims'],
  );
  t.deepEqual(sent(answer), []);
});

test('a question that arrives late, when trust has run out unnoticed, is not answered', t => {
  t.deepEqual(sent(take(holder(), arpHeard(2000, question()))[1]), []);
});

test('who is trusted again does not take back what another holds by then', t => {
  const [state] = take(holder(), time(951), ...views(1000, 1100, both));
  const [later] = take(state, ...views(1200, 3000, [peer(1), peer(2, {claims: [claim({turn: 2})]})]));

  t.false(isHolding(later));
  t.like(reportOf(later, ms(3000))[0], {holder: 2, turn: 2});
});

test('a view that was said long ago is not trusted, though it is the last value of the bus', t => {
  const said = {saidAt: ms(0), mayForward: true, mayTake: true, mayHold: true, probe: undefined, peers: both};
  const [state] = take(begin(), {kind: 'viewHeard', at: ms(5000), view: said}, time(6000));

  t.is(state.trustedSince, undefined);
});

for (const [who, peers, mayForward, isKept] of [
  ['the only member of its cluster', [peer(1)], true, true],
  ['the only member, with a joining leveler in sight', [peer(1), peer(2, {member: false})], true, true],
  ['the only member, whose data path may not forward', [peer(1)], false, false],
  ['one of two members, the other of which is dead', [peer(1), peer(2, {live: false})], true, false],
  ['no member any more', [peer(1, {member: false}), peer(2)], true, false],
] as const) {
  test(`when the elector falls silent, ${who} ${isKept ? 'keeps its addresses' : 'lets go'}`, t => {
    const [held] = take(begin(), ...views(0, 300, [peer(1)]), arpHeard(301, acknowledgement(macOf(1))));
    const [state] = take(held, view(400, peers, mayForward), time(60_000));
    const [, answers] = take(state, arpHeard(60_001, question({from: ip('10.0.0.7')})));

    t.is(isHolding(state), isKept);
    t.is(sent(answers).length, isKept ? 1 : 0);
    t.true((wakeAt(state) ?? 70_000) > 60_001); // It does not spin
  });
}

test('a silence of the elector that was none for the only member does not make it steal again', t => {
  const [held] = take(begin(), ...views(0, 300, [peer(1)]), arpHeard(301, acknowledgement(macOf(1))));
  const [state, actions] = take(held, time(5000), view(5001, [peer(1, {claims: [claim()]})]));

  t.true(isHolding(state));
  t.deepEqual(sent(actions), []);
});

test('a view that is older than the last one is ignored', t => {
  const state = holder();

  t.is(
    take(state, {
      kind: 'viewHeard',
      at: ms(310),
      view: {saidAt: ms(100), mayForward: false, mayTake: false, mayHold: true, probe: undefined, peers: []},
    })[0].view,
    state.view,
  );
});

test('the next in the ring takes the address of a suspect holder at once, the one after it 10 ms later', t => {
  const peers = [peer(1, {live: false, claims: [claim({turn: 5})]}), peer(2), peer(3)];
  const [, next] = take(follower(2), view(450, peers));
  const [waiting, early] = take(follower(3), view(450, peers), time(459));
  const [, late] = take(waiting, time(460));

  t.deepEqual(grabbed(next), [{kind: 'tellGrab', ip: levIp, turn: 6, reason: 'its holder is lost'}]);
  t.deepEqual(grabbed(early), []);
  t.is(wakeAt(waiting), ms(460));
  t.deepEqual(grabbed(late), [{kind: 'tellGrab', ip: levIp, turn: 6, reason: 'its holder is lost'}]);
});

for (const [what, changes] of Object.entries({
  'is leaving': {leaving: true},
  'lost net B': {reachesB: false},
  'releases it': {claims: [claim({turn: 5, releasing: true})]},
  'does not claim it any more': {claims: [claim({turn: 5, holding: false})]},
})) {
  test(`the next in the ring takes the address of a holder that ${what}`, t => {
    const peers = [peer(1, {claims: [claim({turn: 5})], ...changes}), peer(2), peer(3)];

    t.is(grabbed(take(follower(2), view(450, peers))[1]).length, 1);
  });
}

test('a steal seen on the wire keeps the next one from grabbing too, until its claim ought to have come', t => {
  const peers = [peer(1, {live: false, claims: [claim({turn: 5})]}), peer(2), peer(3)];
  const [seen] = take(
    follower(3),
    view(450, peers),
    arpHeard(455, claimOnWire(macOf(2))),
    view(500, peers),
    view(600, peers),
    view(700, peers),
  );
  const [claimed] = take(
    seen,
    view(750, [peer(1, {live: false}), peer(2, {claims: [claim({turn: 6})]}), peer(3)]),
    time(760),
  );
  const [unclaimed] = take(seen, time(765));

  t.false(isHolding(seen));
  t.false(isHolding(claimed));
  t.true(isHolding(unclaimed));
});

test('a holder yields to a higher turn and stops its steal', t => {
  const [stealing] = take(begin(), ...views(0, 300, both));
  const [state, actions] = take(stealing, view(310, [peer(1), peer(2, {claims: [claim({turn: 2})]})]));

  t.deepEqual(claimsOf(state), [claim({turn: 2, holding: false})]);
  t.deepEqual(counted(actions), ['yields']);
  t.deepEqual(sent(take(state, time(350), arpHeard(351, question()))[1]), []);
});

test('of equal turns the lower id holds on, and tells the neighbours again', t => {
  const [state, actions] = take(holder(), view(400, [peer(1), peer(2, {claims: [claim()]})]));

  t.true(isHolding(state));
  t.deepEqual(counted(actions), ['defences']);
});

test('of equal turns the higher id yields', t => {
  const [held] = take(begin({self: id(2)}), ...views(0, 500, [peer(1), peer(2)]));
  const [state] = take(held, view(510, [peer(1, {claims: [claim()]}), peer(2)]));

  t.true(isHolding(held));
  t.false(isHolding(state));
});

test('the claim of a holder that is not live counts for the height of the next turn only', t => {
  const peers = [peer(1), peer(2, {live: false, claims: [claim({turn: 40})]})];
  const [state] = take(begin(), ...views(0, 300, peers));

  t.deepEqual(claimsOf(state), [claim({turn: 41})]);
});

test('the next in the ring takes the address when the turn has lasted for the dwell', t => {
  const peers = [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)];
  const [early] = take(follower(2, 5000), ...views(500, 4900, peers), time(4999));
  const [state, actions] = take(early, time(5000));

  t.false(isHolding(early));
  t.deepEqual(grabbed(actions), [{kind: 'tellGrab', ip: levIp, turn: 6, reason: 'our turn'}]);
  t.true(isHolding(state));
});

test('the one after the next takes the turn a second later, if the next one does not', t => {
  const peers = [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)];
  const [early] = take(follower(3, 5000), ...views(500, 5900, peers), time(5999));

  t.false(isHolding(early));
  t.true(isHolding(take(early, time(6000))[0]));
});

test('with dwell 0 an address stays where it is', t => {
  const peers = [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)];

  t.false(isHolding(take(follower(2, 0), ...views(500, 60_000, peers))[0]));
});

/** Leveler `self` of three 2.5 s after leveler 1 took the first of two addresses and leveler `other` the second. */
const secondOfTwo = (self: number, other: number): State => {
  const second = ip('10.0.0.201');
  const addresses = [levIp, second].map((address, index) => ({ip: address, net: 'a' as const, index}));
  const claims = [claim({turn: 5}), claim({ip: second, turn: 9})];
  const peers = [1, 2, 3].map(number =>
    peer(number, {claims: claims.filter(({turn}) => number === (turn === 5 ? 1 : other))}),
  );
  return take(begin({self: id(self), addresses, dwellMs: 5000}), ...views(0, 2500, peers))[0];
};

test('after half a dwell an address goes to its place behind the first one, so that two on one leveler part again', t => {
  t.deepEqual(
    [2, 3].map(self => claimsOf(secondOfTwo(self, 1)).map(({holding}) => holding)),
    [
      [false, true],
      [false, false],
    ],
  );
});

test('an address that is in its place behind the first one stays there', t => {
  t.deepEqual(
    reportOf(secondOfTwo(3, 2), ms(2500)).map(({holder: held}) => held),
    [id(1), id(2)],
  );
});

test('a holder asks its neighbours again every 30 s, without gratuitous frames', t => {
  const [, actions] = take(holder(), ...views(400, 30_300, both));

  t.deepEqual(counted(actions), ['refreshes']);
  t.deepEqual(
    sent(actions).map(({destination}) => destination),
    [routerMac],
  );
});

test('a stranger that claims the address is told once, and answered at most once a second', t => {
  const shouts = Array.from({length: 200}, (_, index) => arpHeard(301 + index * 10, claimOnWire(strangerMac)));
  const told: string[] = [];
  let state = holder();
  for (const event of shouts.flatMap(shout => [view(shout.at, both), shout])) {
    const [next, actions] = step(state, event);
    told.push(...actions.map(action => (action.kind === 'count' ? action.counter : action.kind)));
    state = next;
  }

  t.is(told.filter(kind => kind === 'tellStranger').length, 1);
  t.is(told.filter(kind => kind === 'conflicts').length, 200);
  t.is(told.filter(kind => kind === 'defences').length, 2);
  t.deepEqual(reportOf(state, ms(2400))[0]?.strangers, [strangerMac]);
});

test('a stranger that was silent for a minute is gone', t => {
  const [met] = take(holder(), arpHeard(310, claimOnWire(strangerMac)));
  const [state, actions] = take(met, ...views(400, 60_400, both));

  t.deepEqual(
    actions.filter(({kind}) => kind === 'tellStrangerGone'),
    [{kind: 'tellStrangerGone', ip: levIp, mac: strangerMac, stayedMs: 0}],
  );
  t.deepEqual(reportOf(state, ms(60_400))[0]?.strangers, []);
});

test('a thousand strangers fill sixteen lines, not the memory', t => {
  let state = holder();
  for (let index = 0; index < 1000; index++) {
    const mac = `02:66:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`;
    [state] = take(state, arpHeard(400, claimOnWire(mac as MacAddress)));
  }

  t.is(state.addresses[0]?.strangers.size, 16);
});

test('a leveler that steals on the wire does not make the holder yield, but speak again if no claim follows', t => {
  const [seen, atOnce] = take(holder(), arpHeard(400, claimOnWire(macOf(2))));
  const [state, actions] = take(seen, time(700));

  t.deepEqual(sent(atOnce), []);
  t.true(isHolding(state));
  t.deepEqual(counted(actions), ['defences']);
});

test('a thief that dies before its claim came is answered at once', t => {
  const [, actions] = take(
    holder(),
    arpHeard(400, claimOnWire(macOf(2))),
    view(500, [peer(1), peer(2, {live: false, claims: [claim({turn: 2})]})]),
  );

  t.deepEqual(counted(actions), ['defences']);
});

test('a thief that is silent is not answered at once while the elector asks whether others serve: he may', t => {
  const event = view(500, [peer(1), peer(2, {live: false})]);
  const asking: Event = event.kind === 'viewHeard' ? {...event, view: {...event.view, probe: 7}} : event;
  const [state, actions] = take(holder(), arpHeard(490, claimOnWire(macOf(2))), asking);

  t.deepEqual(counted(actions), ['probes']);
  t.deepEqual(counted(take(state, time(790))[1]), ['probes', 'defences']);
});

test('who was told that others serve listens for 300 ms before it takes anything again', t => {
  const peers = [peer(1), peer(2), peer(3, {live: false})];
  const event = view(600, peers);
  const stopped: Event = event.kind === 'viewHeard' ? {...event, view: {...event.view, mayHold: false}} : event;
  const [, early] = take(holder(), stopped, ...views(700, 800, peers));
  const [, late] = take(holder(), stopped, ...views(700, 900, peers), time(910));

  t.deepEqual(grabbed(early), []);
  t.like(grabbed(late)[0], {reason: 'its holder is lost'});
});

test('who holds an address tells the neighbours again when a leveler is heard again: unheard, it may have held it too', t => {
  const [, calm] = take(holder(), view(400, [peer(1), peer(2, {live: false})]));
  const [, actions] = take(holder(), view(400, [peer(1), peer(2, {live: false})]), view(900, [peer(1), peer(2)]));

  t.deepEqual(counted(calm), []);
  t.deepEqual(counted(actions), ['defences']);
});

test('a defence against a higher turn that is heard of gets a turn above it', t => {
  const [state] = take(
    holder(),
    arpHeard(400, claimOnWire(macOf(2))),
    view(500, [peer(1), peer(2, {live: false, claims: [claim({turn: 7})]})]),
  );

  t.deepEqual(claimsOf(state), [claim({turn: 8})]);
});

test('a stop releases what is held and is over when another holds it', t => {
  const [stopping, first] = take(holder(), {kind: 'stop', at: ms(400)});
  const [state, last] = take(stopping, view(450, [peer(1), peer(2, {claims: [claim({turn: 2})]})]));

  t.deepEqual(first, [{kind: 'sayClaims', claims: [claim({releasing: true})]}]);
  t.true(state.stopped);
  t.deepEqual(
    last.map(({kind}) => kind),
    ['count', 'tellHolder', 'sayClaims', 'tellStopped'],
  );
});

test('a stop waits no longer than 500 ms', t => {
  const [stopping] = take(holder(), {kind: 'stop', at: ms(400)});
  const [state, actions] = take(stopping, time(900));

  t.is(wakeAt(stopping), ms(900));
  t.deepEqual(actions.at(-1), {kind: 'tellStopped'});
  t.deepEqual(claimsOf(state), [claim({holding: false})]);
  t.deepEqual(step(state, time(1000)), [state, []]);
});

test('a stop of the only leveler, or of one that holds nothing, is over at once', t => {
  const [alone] = take(begin(), ...views(0, 300, [peer(1)]));

  for (const state of [alone, follower(), begin()]) {
    t.deepEqual(take(state, {kind: 'stop', at: ms(400)})[1].at(-1), {kind: 'tellStopped'});
  }
});

test('a restarted announcer takes up what its predecessor held, and only that', t => {
  const [state, actions] = take(begin(), view(0, [peer(1, {claims: [claim({turn: 9})]}), peer(2)]));
  const [beaten] = take(
    begin(),
    view(0, [peer(1, {claims: [claim({turn: 9})]}), peer(2, {claims: [claim({turn: 10})]})]),
  );

  t.deepEqual(claimsOf(state), [claim({turn: 9})]);
  t.deepEqual(counted(actions), ['refreshes']);
  t.false(isHolding(beaten));
});

test('our own claim in a later view is an echo, not news', t => {
  const [state] = take(holder(), view(400, [peer(1), peer(2, {claims: [claim({turn: 2})]})]));
  const [later] = take(
    state,
    view(450, [peer(1, {claims: [claim({turn: 1})]}), peer(2, {claims: [claim({turn: 2, holding: false})]})]),
  );

  t.like(reportOf(later, ms(450))[0], {holder: 1, turn: 3});
});

test('a link that comes back is told the address again, with the MAC it has now', t => {
  const mac = '02:00:00:00:aa:aa' as MacAddress;
  const [, actions] = take(holder(), {kind: 'linkUp', net: 'a', mac, at: ms(400)});

  t.deepEqual([...new Set(sent(actions).map(({source}) => source))], [mac]);
});

test('unasked frames are limited for each net, answers are not', t => {
  const servers = Array.from({length: 1000}, (_, index) => ip(`10.0.${1 + (index >> 8)}.${index & 255}`));
  const subnets = {...settings().subnets, b: {address: ip('10.0.0.0'), prefixLength: 16}};
  const addresses = [{ip: gateway, net: 'b' as const, index: 0}];
  const [state, actions] = take(
    begin({addresses, subnets}),
    {kind: 'serversChanged', servers, at: ms(0)},
    ...views(0, 300, both),
  );
  const [, answers] = take(state, arpHeard(300, question({for: gateway, from: ip('10.0.1.7')}), 'b'));

  t.is(sent(actions).length, 512);
  t.is(counted(actions).filter(counter => counter === 'rate-limited').length, 999 + 2 - 512);
  t.is(sent(answers).length, 1);
});

test('an IPv6 address is refused: Neighbour Discovery is not ARP', t => {
  const addresses = [{ip: ip('fd00:a::200'), net: 'a' as const, index: 0}];

  t.throws(() => firstState(settings({addresses}), {a: macOf(1), b: macOf(1, 'b')}), {instanceOf: RangeError});
});
