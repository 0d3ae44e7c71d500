import {broadcastMac, zeroMac} from '@tacoplex/frames';
import test from 'ava';
import {neighbourLimit} from '../src/index.ts';
import {
  acknowledgement,
  arpHeard,
  begin,
  both,
  claimOnWire,
  counted,
  follower,
  gateway,
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
  take,
  time,
  view,
  views,
} from './builders.ts';

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
