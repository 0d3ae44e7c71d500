import type {MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {claimsOf, type Event, reportOf, step, wakeAt} from '../src/index.ts';
import {
  arpHeard,
  both,
  claim,
  claimOnWire,
  counted,
  grabbed,
  holder,
  isHolding,
  levIp,
  macOf,
  ms,
  peer,
  routerMac,
  sent,
  strangerMac,
  take,
  time,
  view,
  views,
} from './builders.ts';

test('a holder asks its neighbours again every 30 s, without gratuitous frames', t => {
  const [, actions] = take(holder(), ...views(400, 30_300, both));

  t.deepEqual(counted(actions), ['refreshes']);
  t.deepEqual(
    sent(actions).map(({destination}) => destination),
    [routerMac],
  );
});

test('a stranger that claims the address is told once, and answered at most forty times a second', t => {
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
  t.is(told.filter(kind => kind === 'defences').length, 67, 'of 2 s: each third of his frames, 10 ms apart');
  t.deepEqual(reportOf(state, ms(2400))[0]?.strangers, [strangerMac]);
});

test('each claim of a stranger is answered at once, and the second frame of it 25 ms later, by the broadcast pair alone', t => {
  const [first, atOnce] = take(holder(), arpHeard(400, claimOnWire(strangerMac)));
  const [second, tooSoon] = take(first, arpHeard(401, claimOnWire(strangerMac)));
  const [third, again] = take(second, time(425));
  const [, next] = take(third, arpHeard(500, claimOnWire(strangerMac)));

  t.deepEqual(
    [atOnce, tooSoon, again, next].map(actions => sent(actions).length),
    [3, 0, 2, 2],
  );
  t.is(wakeAt(second), ms(425));
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
