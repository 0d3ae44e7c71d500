import {ConfigError} from '@tacoplex/errors';
import {parseSubnet} from '@tacoplex/vocabulary';
import test from 'ava';
import {findInterface, type Listed, pickInterface} from '../src/index.ts';

const netA = parseSubnet('10.0.0.0/24')!;

const listed = (ifname: string, ...addresses: string[]): Listed => ({
  ifname,
  ifindex: Number(ifname.slice(-1)) + 2,
  link_type: 'ether',
  flags: ['UP'],
  mtu: 1500,
  address: '02:00:00:00:00:0A',
  addr_info: addresses.map(local => ({local, prefixlen: 24})),
});

test('the interface with an address in the net is found', t => {
  const found = pickInterface([listed('eth0', '192.0.2.7'), listed('eth1', '10.9.9.9', '10.0.0.101')], netA, 'net_a');

  t.deepEqual(found as object, {name: 'eth1', index: 3, mac: '02:00:00:00:00:0a', address: '10.0.0.101', mtu: 1500});
});

test('two addresses in the net on one interface are no quarrel', t => {
  t.is(pickInterface([listed('eth0', '10.0.0.101', '10.0.0.102')], netA, 'net_a').address as string, '10.0.0.101');
});

test('a loopback address in the net does not count', t => {
  const loopback = {...listed('lo', '10.0.0.200'), link_type: 'loopback'};

  t.is(pickInterface([loopback, listed('eth0', '10.0.0.101')], netA, 'net_a').name, 'eth0');
});

test('no interface in the net is refused with a list of what there is', t => {
  const error = t.throws(() => pickInterface([listed('eth0', '192.0.2.7', 'fe80::1')], netA, 'net_a'), {
    instanceOf: ConfigError,
  });

  t.is(error?.message, 'net_a: no Ethernet interface has an address in 10.0.0.0/24; there is eth0 192.0.2.7');
  t.deepEqual(error?.facts, {code: 'NET_UNMATCHED', net: 'net_a', subnet: '10.0.0.0/24'});
});

test('a machine without addresses is refused too', t => {
  t.throws(() => pickInterface([listed('eth0')], netA, 'net_b'), {
    message: 'net_b: no Ethernet interface has an address in 10.0.0.0/24; there is none with any address',
  });
});

test('two interfaces in the net are refused by name', t => {
  t.throws(() => pickInterface([listed('eth0', '10.0.0.1'), listed('eth1', '10.0.0.2')], netA, 'net_a'), {
    message: 'net_a: 2 interfaces have an address in 10.0.0.0/24, one must: eth0 10.0.0.1, eth1 10.0.0.2',
  });
});

test('this machine has no interface in a documentation net', t => {
  t.throws(() => findInterface(parseSubnet('203.0.113.0/24')!, 'net_a'), {instanceOf: ConfigError});
});
