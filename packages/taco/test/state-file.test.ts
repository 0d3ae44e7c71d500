import {readFileSync} from 'node:fs';
import {type ClusterState, checkState, countBins, firstState, fromOutlineMessage} from '@tacoplex/cluster';
import {ConfigError} from '@tacoplex/errors';
import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {describeExport, writeStateFile} from '../src/export.ts';
import {type FileState, parseStateFile} from '../src/state-file.ts';
import {healthy, received} from './sample-status.ts';

const example = readFileSync(new URL('../../../../examples/state.toml', import.meta.url), 'utf8');
const parse = (text: string) => parseStateFile(text, '/home/alice/state.toml');

/** As a whole state, which the rules of states can be checked on. */
const asState = ({cluster, ground}: FileState): ClusterState => ({
  ...firstState({
    cluster,
    hashKey: ground.hashKey,
    members: [{id: 1 as LevelerId, name: 'leveler0'}],
    version: {term: 1, leader: 1 as LevelerId, nonce: '00'.repeat(8), index: 1},
  }),
  ...ground,
});

test('the shipped example is a good state, its tables follow the weights', t => {
  const state = parse(example);

  t.notThrows(() => checkState(asState(state)));
  t.true(state.isExampleKey);
  t.is(state.macs.size, 4);
  t.deepEqual([...countBins(state.ground.groups[0]!.base).subarray(0, 5)], [0, 13_107, 13_107, 26_215, 13_107]);
});

test('the order of the entries changes nothing', t => {
  const [head = '', ...tables] = example.split(/^(?=\[\[)/m);

  t.deepEqual(parse([head, ...tables.reverse()].join('\n')), parse(example));
});

test('what may be left out has a default', t => {
  const {ground, isExampleKey} = parse(`
[cluster]
name = "demo"
hash_key = "0F0e0d0c0b0a09080706050403020100"
[[servers]]
name = "s1"
address = "10.0.1.101"
[[services]]
service = "10.0.1.200"
`);

  t.false(isExampleKey);
  t.is(ground.hashKey[0], 15);
  t.like(ground, {
    groups: {0: {name: 'default'}},
    servers: {0: {weight: 1, state: 'ready', group: 0}},
    services: {0: {protocol: 0, port: 0, affinity: 'flow'}},
  } as never);
});

test('a server that is not ready has no bins', t => {
  const {ground} = parse(example.replace('state = "ready"', 'state = "draining"'));

  t.is(countBins(ground.groups[0]!.base)[1], 0);
});

const faults: readonly [what: string, from: string | RegExp, to: string, message: string][] = [
  ['no TOML', '[cluster]', '[cluster', 'state.toml:5: no TOML: '],
  ['no cluster', /\[cluster\]\nname = "example"/, '', 'state.toml:1: cluster: missing; must be a table: [cluster]'],
  [
    'an unknown section',
    '[cluster]',
    '[[gropus]]\nname = "web"\n[cluster]',
    'state.toml:4: gropus: unknown key; known here: cluster, groups, servers, services',
  ],
  [
    'an unknown key',
    'weight = 1',
    'wieght = 1',
    'state.toml:15: servers[0].wieght: unknown key; known here: name, address, group, weight, state, mac',
  ],
  [
    'a weight too big',
    'weight = 2',
    'weight = 1001',
    'state.toml:31: servers[2].weight: must be a whole number 0..1000',
  ],
  [
    'a missing address',
    'address = "10.0.1.102"\n',
    '',
    'state.toml:19: servers[1].address: missing; must be the address',
  ],
  [
    'an address of nobody',
    '10.0.1.103',
    '239.0.0.1',
    'state.toml:29: servers[2].address: must be the address of one machine in quotes, such as "10.0.1.101", not "239.0.0.1"',
  ],
  ['a state that is none', '"ready"', '"resting"', 'state.toml:16: servers[0].state: must be "ready", "draining" or '],
  ['half a MAC address', '00:01:65"', '00:01"', 'state.toml:17: servers[0].mac: must be a MAC address in quotes'],
  [
    'a short hash key',
    /# hash_key = "0001/,
    'hash_key = "01',
    'state.toml:6: cluster.hash_key: must be 32 hexadecimal',
  ],
  ['a service of no protocol', '443/tcp', '443/any', 'state.toml:49: services[1].service: must be ADDRESS[:PORT]'],
  ['an affinity that is none', '"client"', '"cookie"', 'state.toml:51: services[1].affinity: must be "flow", "client"'],
  ['a name twice', '"server2"', '"server0"', 'state.toml:28: servers[2].name: server0 stands here twice'],
  [
    'an address twice',
    '10.0.1.103',
    '10.0.1.102',
    'state.toml:29: servers[2].address: 10.0.1.102 in group default stands here twice',
  ],
  ['a service twice', ':443/', ':80/', 'state.toml:49: services[1].service: 10.0.1.200:80/tcp stands here twice'],
  [
    'an unknown group',
    'group = "default"\nweight = 2',
    'group = "web"\nweight = 2',
    'state.toml:30: servers[2].group: there is no group web; list it: [[groups]] name = "web"',
  ],
  [
    'a service without servers',
    'group = "default"\naffinity = "client"',
    'group = "web"\naffinity = "client"\n[[groups]]\nname = "web"',
    'state.toml:50: services[1].group: group web has no server; a service needs one',
  ],
  [
    'a service at the address of a server',
    '10.0.1.200:443',
    '10.0.1.101:443',
    'state.toml:49: services[1].service: 10.0.1.101 is the own address of server server0; a service needs another',
  ],
];

for (const [what, from, to, message] of faults) {
  test(`${what} is told with its line and what belongs there`, t => {
    const error = t.throws(() => parse(example.replace(from, to)), {instanceOf: ConfigError});

    t.true(error?.message.startsWith(message), error?.message);
  });
}

test('17 groups are too many', t => {
  const groups = Array.from({length: 17}, (_, number) => `[[groups]]\nname = "g${number}"`).join('\n');

  t.throws(() => parse(`[cluster]\nname = "demo"\n${groups}`), {message: /^state\.toml:3: groups: must be at most 16/});
});

test('what is exported reads back as the same groups, servers and services', t => {
  const outline = fromOutlineMessage(received(healthy).state as never);
  const {ground, cluster} = parse(writeStateFile(describeExport(outline)));
  const nameOf = (groups: readonly {readonly number: number; readonly name: string}[], wanted: number) =>
    groups.find(({number}) => number === wanted)?.name;

  t.is(cluster, outline.cluster);
  t.deepEqual(
    ground.servers.map(({number: _, ...server}) => ({...server, group: nameOf(ground.groups, server.group)})),
    outline.servers.map(({number: _, ...server}) => ({
      ...server,
      group: nameOf(outline.groups, server.group),
    })) as never,
  );
  t.deepEqual(
    ground.services.map(service => ({...service, group: nameOf(ground.groups, service.group)})),
    outline.services.map(service => ({...service, group: nameOf(outline.groups, service.group)})) as never,
  );
});

test('an export does not depend on the order of what it is made from', t => {
  const outline = fromOutlineMessage(received(healthy).state as never);
  const reversed = {
    ...outline,
    groups: [...outline.groups].reverse(),
    servers: [...outline.servers].reverse(),
    services: [...outline.services].reverse(),
  };

  t.is(writeStateFile(describeExport(reversed)), writeStateFile(describeExport(outline)));
});

test('whatever is changed in a file, it is a good state or one fault with its line', t => {
  const lines = example.split('\n');
  const change = fc.record({
    line: fc.nat(lines.length - 1),
    to: fc.oneof(
      fc.constantFrom(...lines),
      fc.constantFrom('', 'x', '= 1', '[[', '"', 'weight = 1e999', 'mac = []', 'a.b = 1'),
      fc.constantFrom(
        '\uFEFF',
        '\0',
        '[[__proto__]]',
        '__proto__ = 1',
        `x = ${'{a = '.repeat(5000)}1${'}'.repeat(5000)}`,
      ),
      fc.string(),
    ),
  });
  fc.assert(
    fc.property(fc.array(change, {minLength: 1, maxLength: 4}), changes => {
      const changed = [...lines];
      for (const {line, to} of changes) {
        changed[line] = to;
      }

      try {
        checkState(asState(parse(changed.join('\n'))));
      } catch (error) {
        t.true(error instanceof ConfigError, String(error));
        t.regex((error as Error).message, /^state\.toml:\d+: /);
      }
    }),
    {numRuns: 300},
  );
});
