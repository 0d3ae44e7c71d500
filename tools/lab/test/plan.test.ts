import {ConfigError} from '@tacoplex/errors';
import {defaultOptions, planLab} from '@tacoplex/lab';
import test from 'ava';
import {labOfNamespace} from '../src/plan.ts';

const interfacesOf = (name: string, options: Partial<typeof defaultOptions> = {}): Record<string, string> => {
  const host = planLab({...defaultOptions, ...options}).hosts.find(candidate => candidate.name === name);
  return Object.fromEntries(host?.links.map(link => [link.name, `${link.ipv4} ${link.ipv6}`]) ?? []);
};

test('hosts have the addresses that all examples use', t => {
  t.deepEqual(interfacesOf('client'), {front: '192.0.2.7 2001:db8::7'});
  t.deepEqual(interfacesOf('router'), {front: '192.0.2.1 2001:db8::1', a0: '10.0.0.1 fd00:a::1'});
  t.deepEqual(interfacesOf('leveler1'), {a0: '10.0.0.102 fd00:a::102', b0: '10.0.1.2 fd00:b::2'});
  t.deepEqual(interfacesOf('server3'), {b0: '10.0.1.104 fd00:b::104'});
});

test('a witness is a host of both nets with a name of its own', t => {
  t.deepEqual(interfacesOf('witness'), {});
  t.deepEqual(interfacesOf('witness', {hasWitness: true}), {a0: '10.0.0.109 fd00:a::109', b0: '10.0.1.9 fd00:b::9'});
  t.is(labOfNamespace('taco-demo-witness'), 'demo');
});

test('in the one-way layout servers also sit on net C and leave through the second router', t => {
  const {hosts, wires} = planLab({...defaultOptions, layout: 'one-way'});

  t.deepEqual(wires, ['front', 'net-a', 'net-b', 'net-c']);
  t.deepEqual(interfacesOf('router2', {layout: 'one-way'}), {front: '192.0.2.2 2001:db8::2', c0: '10.0.2.1 fd00:c::1'});
  t.is(interfacesOf('server0', {layout: 'one-way'}).c0, '10.0.2.101 fd00:c::101');
  t.deepEqual(hosts.find(({name}) => name === 'server0')?.routes, [
    {to: '0.0.0.0/0', via: ['10.0.2.1']},
    {to: '::/0', via: ['fd00:c::1']},
  ]);
});

test('in the classic layout servers leave through the gateway, which no host has', t => {
  const {hosts} = planLab(defaultOptions);

  t.deepEqual(hosts.find(({name}) => name === 'server0')?.routes[0], {to: '0.0.0.0/0', via: ['10.0.1.254']});
  t.false(hosts.some(({links}) => links.some(({ipv4}) => ['10.0.1.254', '10.0.0.200'].includes(ipv4))));
});

test('the router spreads the services over all LevIPs', t => {
  const {hosts} = planLab({...defaultOptions, levIps: 2});

  t.deepEqual(hosts.find(({name}) => name === 'router')?.routes, [
    {to: '10.0.1.200/32', via: ['10.0.0.200', '10.0.0.201']},
    {to: 'fd00:b::200/128', via: ['fd00:a::200', 'fd00:a::201']},
  ]);
});

test('no two interfaces share an address, a MAC address or a port, in the largest lab', t => {
  const {hosts} = planLab({...defaultOptions, levelers: 4, servers: 8, layout: 'one-way'});
  const links = hosts.flatMap(host => host.links);

  for (const field of ['ipv4', 'ipv6', 'mac', 'port'] as const) {
    t.is(new Set(links.map(link => link[field])).size, links.length, field);
  }
  t.true(
    links.every(({port}) => port.length <= 15),
    'the kernel takes no longer name',
  );
});

for (const wrong of [
  {levelers: 0},
  {levelers: 5},
  {servers: 9},
  {servers: 1.5},
  {dwellS: -1},
  {levIps: 5},
  {name: ''},
  {name: 'UPPER'},
  {name: 'a/b'},
  {name: 'a'.repeat(21)},
]) {
  test(`a lab with ${JSON.stringify(wrong)} is refused`, t => {
    t.throws(() => planLab({...defaultOptions, ...wrong}), {instanceOf: ConfigError});
  });
}

test('a namespace tells its lab, also where names nest', t => {
  t.is(labOfNamespace('taco-one-leveler0'), 'one');
  t.is(labOfNamespace('taco-one-two-wire'), 'one-two');
  t.is(labOfNamespace('taco-one'), undefined);
  t.is(labOfNamespace('other-one-client'), undefined);
});
