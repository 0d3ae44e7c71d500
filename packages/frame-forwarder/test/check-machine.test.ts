import {ConfigError} from '@tacoplex/errors';
import type {Interface} from '@tacoplex/links';
import {type IpAddress, type MacAddress, parseSubnet} from '@tacoplex/vocabulary';
import test from 'ava';
import {checkMtu} from '../src/check-machine.ts';

const netB = {netB: {subnet: parseSubnet('10.0.1.0/24')!, subnet6: undefined, peers: [], gateways: []}};
const port = (name: string, mtu: number): Interface => ({
  name,
  mtu,
  index: 2,
  mac: '02:00:00:00:00:01' as MacAddress,
  address: '10.0.0.1' as IpAddress,
});

test('net B may carry as much as net A, or more', t => {
  t.notThrows(() => checkMtu({a: port('eth0', 1500), b: port('eth1', 1500)}, netB));
  t.notThrows(() => checkMtu({a: port('eth0', 1500), b: port('eth1', 9000)}, netB));
});

test('net B that carries less is refused with what to type', t => {
  t.throws(() => checkMtu({a: port('eth0', 9000), b: port('eth1', 1500)}, netB), {
    instanceOf: ConfigError,
    message: /type: ip link set eth1 mtu 9000$/,
  });
});
