import type {IpAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {checkCluster} from '../src/cluster-checks.ts';
import {checkMachine} from '../src/machine-check.ts';
import {describeStatus} from '../src/status-document.ts';
import {digest, healthy, ip, received, unheard, version} from './sample-status.ts';

type Status = Parameters<typeof received>[0];

const [first, second] = healthy.view.peers;
const check = (changes: Status = {}) => checkCluster(describeStatus(received({...healthy, ...changes})));
const withFirst = (changes: object): Status => ({view: {...healthy.view, peers: [{...first, ...changes}, second]}});

test('a healthy cluster passes every check', t => {
  t.deepEqual(
    check().map(({check: name, ok, what}) => [name, ok, what]),
    [
      ['reachable', true, '2 of 2 levelers: leveler0 and leveler1'],
      ['nets', true, 'all that are heard hear each other on net A and net B'],
      ['leader', true, 'leveler0, term 3'],
      ['version', true, '3.7'],
      ['digest', true, '1a2b3c4d00000001'],
      ['config', true, '1a2b3c4d00000001'],
      ['software', true, '0.1.0'],
      ['keys', true, '1a2b3c4d'],
      ['data path', true, 'cap, follows version 3.7'],
    ],
  );
});

for (const [title, status, failed] of [
  ['a leveler that is silent', withFirst({live: false, silenceAMs: 5000, silenceBMs: 5000}), ['reachable']],
  ['a net that is cut', withFirst({hears: [{id: 2, onA: true, onB: false}]}), ['nets']],
  ['no leader', {view: {...healthy.view, leader: 0}}, ['leader']],
  ['a leveler with an older state', withFirst({version: version(6), digest: new Uint8Array(8)}), ['version', 'digest']],
  ['one version with two contents', withFirst({digest: new Uint8Array(8)}), ['digest']],
  ['a leveler with another config', withFirst({configDigest: new Uint8Array(8)}), ['config']],
  ['a leveler that does not tell its config', withFirst({configDigest: new Uint8Array()}), ['config']],
  ['a leveler with other software', withFirst({software: '0.2.0'}), ['software']],
  ['a leveler that signs with another key', withFirst({keySent: new Uint8Array(8)}), ['keys']],
  ['a leveler that believes one key more', withFirst({keysAccepted: [digest, new Uint8Array(8)]}), ['keys']],
  ['a halted data path', {forwarder: {...healthy.forwarder, haltedBecause: 'the lease is over'}}, ['data path']],
] as const) {
  test(`${title} fails ${failed.join(' and ')} and nothing else, with advice`, t => {
    const checks = check(status);

    t.deepEqual(
      checks.filter(({ok}) => !ok).map(({check: name}) => name),
      [...failed],
    );
    t.true(checks.every(({ok, advice}) => ok === (advice === '')));
  });
}

test('a leveler that has heard nobody fails every check that needs others', t => {
  const checks = checkCluster(describeStatus(received(unheard)));

  t.true(checks.filter(({ok}) => ok).every(({check: name}) => name === 'nets'));
});

const gateway = {address: ip('10.0.1.254'), net: 'b', holder: 2, turn: 4, heldMs: 8000};
const classic = {...healthy, announcer: {...healthy.announcer, addresses: [gateway]}};
const machine = (settings: Readonly<Record<string, string>>, ruleset?: string) =>
  checkMachine(describeStatus(received(classic)), {setting: name => settings[name], ruleset});

test('a machine that is what it must be is good, and what could not be looked at is said', t => {
  t.deepEqual(
    machine({'net.ipv4.ip_forward': '1'}, '{}').map(({ok, what}) => [ok, what]),
    [[true, 'this one meets docs/requirements.md']],
  );
  t.regex(machine({'net.ipv4.ip_forward': '1'})[0]?.what ?? '', /packet filters cannot be read: sudo taco verify$/);
});

test('a machine that does not forward the answers is told with the command', t => {
  t.like(machine({'net.ipv4.ip_forward': '0'}, '{}')[0], {
    check: 'machine',
    ok: false,
    advice: 'sysctl -w net.ipv4.ip_forward=1',
  });
});

test('what only should be is a hint', t => {
  const [told] = machine({'net.ipv4.ip_forward': '1', 'net.ipv4.conf.all.rp_filter': '1'}, '{}');

  t.true(told?.ok);
  t.regex(told?.what ?? '', /; but rp_filter is strict/);
});

test('nothing is said of a machine whose interfaces are not known', t => {
  t.deepEqual(checkMachine(describeStatus(received(unheard)), {setting: () => undefined, ruleset: undefined}), []);
});

test('a group of the beats that switches may forget is told, and fails nothing', t => {
  const facts = {setting: (name: string) => (name === 'net.ipv4.ip_forward' ? '1' : undefined), ruleset: '{}'};
  const [said] = checkMachine(describeStatus(received(classic)), facts, '239.255.78.48' as IpAddress);

  t.true(said?.ok);
  t.regex(said?.what ?? '', /but cluster\.multicast is 239\.255\.78\.48: .*, type: name all levelers in net_a\.peers/);
});
