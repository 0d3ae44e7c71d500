import {type IpAddress, parseSubnet, type Subnet} from '@tacoplex/vocabulary';
import test from 'ava';
import {findImpediment, type MachineFacts} from '../src/impediment.ts';
import {addServer, addWeb, stateOf} from './bus-side-stage.ts';

const good: MachineFacts = {
  a: {name: 'eth0', mtu: 1500, hasAddress: true},
  b: {name: 'eth1', mtu: 1500, hasAddress: true},
  unmet: undefined,
  rpFilter: 0,
};
const outside = {...addWeb, address: '203.0.113.10' as IpAddress};
const classic = {
  gateways: ['10.0.1.1' as IpAddress],
  subnet: parseSubnet('10.0.1.0/24') as Subnet,
  services: stateOf(1, addServer(1), outside).services,
};
const find = (changes: Partial<MachineFacts>, layout: Partial<typeof classic> = {}) =>
  findImpediment({...good, ...changes}, {...classic, ...layout});

test('nothing is wrong with a machine that meets what is asked of it', t => {
  t.is(find({}), undefined);
});

test('a requirement that is not met is told', t => {
  t.is(find({unmet: 'net.ipv4.ip_forward is 0'}), 'net.ipv4.ip_forward is 0');
});

test('where servers answer by themselves no filter matters', t => {
  t.is(find({rpFilter: 1}, {gateways: []}), undefined);
});

test('what cannot be read is not held against it', t => {
  t.is(find({rpFilter: undefined}), undefined);
});

test('a strict filter matters for services that are on no net of ours', t => {
  t.regex(find({rpFilter: 1}) ?? '', /203\.0\.113\.10.*net\.ipv4\.conf\.eth1\.rp_filter=2$/);
  t.is(find({rpFilter: 2}), undefined);
  t.is(find({rpFilter: 1}, {services: stateOf(1, addServer(1), addWeb).services}), undefined);
});

test('net B carries what net A brings', t => {
  t.is(
    find({b: {name: 'eth1', mtu: 1400, hasAddress: true}}),
    'eth1 carries 1400 bytes, eth0 brings 1500; type: ip link set eth1 mtu 1500',
  );
  t.is(find({b: {name: 'eth1', mtu: 9000, hasAddress: true}}), undefined);
});

test('a net without an interface, or an interface without its address, carries nothing', t => {
  t.is(find({b: undefined}), 'the interface of net B is gone');
  t.is(find({a: {name: 'eth0', mtu: 1500, hasAddress: false}}), 'eth0 has lost its address on net A');
  t.is(find({b: {name: 'eth1', mtu: 1500, hasAddress: false}}), 'eth1 has lost its address on net B');
});
