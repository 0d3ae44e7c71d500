import test from 'ava';
import type {ClusterStatus, LevelerStatus} from '../src/cluster-status.ts';
import {describeStatus} from '../src/describe-status.ts';
import {describeSupervised} from '../src/describe-troubles.ts';

const names = ['leveler0', 'leveler1', 'leveler2'];

const leveler = (name: string, changes: Partial<LevelerStatus> = {}): LevelerStatus => ({
  name,
  member: true,
  state: 'live',
  version: '3.7',
  digest: 'd1',
  silenceMs: 20,
  carries: null,
  tried: null,
  diskFault: null,
  hears: names.filter(other => other !== name).map(other => ({leveler: other, on: 'both'})),
  ...changes,
});

const hearing = (...pairs: [string, LevelerStatus['hears'][number]['on']][]) => ({
  hears: pairs.map(([other, on]) => ({leveler: other, on})),
});

const whole: ClusterStatus = {
  self: 'leveler0',
  leader: 'leveler1',
  term: 3,
  agree: true,
  version: '3.7',
  digest: 'd1',
  engine: {name: 'xdp', version: '3.7', digest: 'd1', haltedBecause: null},
  standing: {state: 'whole'},
  levelers: names.map(name => leveler(name)),
  addresses: [
    {address: '10.0.0.200', net: 'a', holder: 'leveler0'},
    {address: '10.0.1.254', net: 'b', holder: 'leveler0'},
  ],
  servers: [{name: 'server0', mac: '02:00:00:00:00:01'}],
  processes: [{name: 'elector', silenceMs: 90}],
  warnings: [],
  reasons: [],
};

test('of a cluster that is whole only who leads and who holds is said', t => {
  t.is(describeStatus(whole), 'leveler1 leads in term 3; version 3.7; leveler0 holds 10.0.0.200 and 10.0.1.254');
});

const cases: readonly [title: string, changes: Partial<ClusterStatus>, said: string][] = [
  [
    'who hears a leveler and who does not',
    {
      levelers: [
        leveler('leveler0'),
        leveler('leveler1', hearing(['leveler0', 'both'], ['leveler2', 'none'])),
        leveler('leveler2'),
      ],
    },
    'leveler2 is heard by leveler0, not by leveler1',
  ],
  [
    'which net a leveler is heard on',
    {levelers: [leveler('leveler0', hearing(['leveler1', 'a'])), leveler('leveler1')]},
    'leveler1 is heard by leveler0 on net A only',
  ],
  [
    'a leveler that is not live',
    {
      levelers: [
        leveler('leveler0'),
        leveler('leveler1', {state: 'suspect', silenceMs: 4120, carries: null, hears: []}),
      ],
    },
    'leveler1 is suspect, last heard 4.1 s ago',
  ],
  [
    'a leveler that was never heard',
    {levelers: [leveler('leveler1', {state: 'suspect', silenceMs: null})]},
    'leveler1 is suspect, never heard',
  ],
  [
    'a leveler with another state',
    {levelers: [leveler('leveler1', {digest: 'd0', version: '3.6'})]},
    'leveler1 has another state, of version 3.6',
  ],
  [
    'a cluster without a leader',
    {leader: null, standing: {state: 'electing'}},
    'nobody leads; version 3.7; standing: electing',
  ],
  [
    'an address that nobody holds',
    {addresses: [{address: '10.0.0.200', net: 'a', holder: null}]},
    'nobody holds 10.0.0.200',
  ],
  [
    'a data path that stands still',
    {engine: {name: 'cap', version: '3.6', digest: 'd0', haltedBecause: 'the lease is over'}},
    'its cap engine is halted: the lease is over; its data path follows another state, of version 3.6',
  ],
  ['a frame-forwarder that is silent', {engine: null}, 'its frame-forwarder was not heard'],
  [
    'a process that is silent',
    {
      processes: [
        {name: 'elector', silenceMs: 4000},
        {name: 'arp-announcer', silenceMs: null},
      ],
    },
    'its elector is silent for 4.0 s; its arp-announcer was never heard',
  ],
  ['a server without a MAC address', {servers: [{name: 'server0', mac: null}]}, 'no answer to ARP from server0'],
];

for (const [title, changes, said] of cases) {
  test(`${title} is said`, t => {
    t.true(describeStatus({...whole, ...changes}).includes(said), describeStatus({...whole, ...changes}));
  });
}

test('processes that do not run, or have not for long, are said', t => {
  const process = {name: 'elector', state: 'RUNNING', pid: 7, upS: 300};

  t.deepEqual(describeSupervised('leveler0', [process]), []);
  t.deepEqual(describeSupervised('leveler0', [{...process, upS: 4}]), ['elector of leveler0 started 4 s ago']);
  t.deepEqual(describeSupervised('leveler0', [{...process, state: 'BACKOFF'}]), ['elector of leveler0 is BACKOFF']);
  t.deepEqual(describeSupervised('leveler0', undefined), ['the supervisord of leveler0 does not answer']);
});
