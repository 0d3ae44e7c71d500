import type {MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {claimsOf, firstState, reportOf, step, wakeAt} from '../src/index.ts';
import {
  acknowledgement,
  arpHeard,
  begin,
  both,
  claim,
  claimOnWire,
  counted,
  follower,
  gateway,
  grabbed,
  holder,
  id,
  ip,
  isHolding,
  levIp,
  macOf,
  ms,
  peer,
  question,
  sent,
  settings,
  take,
  time,
  view,
  views,
} from './builders.ts';

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
