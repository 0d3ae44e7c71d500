import {firstState, type State, step} from '@tacoplex/announcing';
import {collectLog, HandClock} from '@tacoplex/testkit';
import type {LevelerId, MonotonicMs} from '@tacoplex/vocabulary';
import test from 'ava';
import {firstStateOf} from '../src/first-state.ts';
import {buildTrialFrame} from '../src/trial-frame.ts';
import {Trier} from '../src/trier.ts';
import {config, ip, netsOf} from './fixtures.ts';

const servIp = ip('203.0.113.10');
const own = netsOf(1);
const others = [2, 3].map(number => ({number, ...netsOf(number)}));

const view = {
  saidAt: 0 as MonotonicMs,
  mayForward: true,
  mayTake: true,
  mayHold: true,
  probe: undefined,
  peers: [{number: 1, ...own}, ...others].map(({number, a, b}) => ({
    id: number as LevelerId,
    member: true,
    live: true,
    leaving: false,
    reachesA: true,
    reachesB: true,
    macs: {a: a.mac, b: b.mac},
    claims: [],
  })),
};

/** Trusted, without anybody to reach. */
const trusted = (): State => {
  const {settings, macs, sources} = firstStateOf(config(undefined, [ip('10.0.1.254')]), own);
  const [state] = step(firstState({...settings, routers: []}, macs, sources), {
    kind: 'viewHeard',
    at: 0 as MonotonicMs,
    view,
  });
  return state;
};

const start = () => {
  const clock = new HandClock();
  const {log, lines} = collectLog('arp-announcer', 'notice');
  const sent: {readonly net: 'a' | 'b'; readonly frame: Uint8Array}[] = [];
  const sender = (net: 'a' | 'b') => ({
    faults: new Map<string, number>(),
    send(frame: Uint8Array) {
      sent.push({net, frame});
      return true;
    },
  });
  const counts: string[] = [];
  const trier = new Trier({
    clock,
    log,
    senders: {a: sender('a'), b: sender('b')},
    count: name => counts.push(name),
  });
  trier.serve([servIp, ip('fd00:b::200')]);
  return {clock, lines, sent, counts, trier};
};

/** What comes out of a ping that was sent. */
const outOf = (frame: Uint8Array): Uint8Array =>
  buildTrialFrame({
    kind: 'answer',
    from: own.b.mac,
    to: own.a.mac,
    servIp,
    own: own.a.address,
    number: new DataView(frame.buffer, frame.byteOffset).getUint16(40),
    token: frame.slice(42, 50),
  });

const macIn = (frame: Uint8Array): string =>
  [...frame.subarray(0, 6)].map(byte => byte.toString(16).padStart(2, '0')).join(':');

test('one ping goes there on net A and one back on net B, to the MAC addresses of another leveler', t => {
  const {sent, counts, trier} = start();

  trier.try(trusted(), view);

  const {a, b} = others.find(other => other.a.mac === macIn(sent[0]!.frame))!;
  t.deepEqual(
    sent.map(({net, frame}) => [net, macIn(frame), frame[34]]),
    [
      ['a', a.mac, 8],
      ['b', b.mac, 0],
    ],
  );
  t.deepEqual(counts, ['trials', 'trials']);
});

test('what comes out is told, and frames that are none of it are left to others', t => {
  const {sent, trier} = start();
  trier.try(trusted(), view);

  t.true(sent.every(({frame}) => trier.hear(outOf(frame), 60)));
  t.false(trier.hear(new Uint8Array(60), 60));

  t.true(trier.try(trusted(), view));
  t.is(trier.tried.there.passes.length, 1);
  t.deepEqual(trier.tried.there.passes, trier.tried.back.passes);
  t.false(trier.try(trusted(), view));
});

test('a leveler that swallows pings is told to the operator once, and once when it does not any more', t => {
  const {clock, lines, sent, trier} = start();
  const play = (ms: number, swallowing: string) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 250) {
      sent.length = 0;
      trier.try(trusted(), view);
      for (const {frame} of sent.filter(one => macIn(one.frame) !== swallowing)) {
        trier.hear(outOf(frame), 60);
      }

      clock.advance(250);
    }
  };

  play(30_000, '');
  play(30_000, others[0]!.b.mac);
  play(40_000, '');

  t.deepEqual(lines, [
    'arp-announcer: warn: pings do not get through a leveler, and do through others leveler=2 way="from net B to net A"',
    'arp-announcer: notice: pings get through a leveler again leveler=2 way="from net B to net A"',
  ]);
});

test('an elector that is not trusted has nobody tried', t => {
  const {sent, trier} = start();

  t.false(trier.try(firstStateOf(config(), own), view));

  t.deepEqual(sent, []);
});
