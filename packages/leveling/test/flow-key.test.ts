import {type IpAddress, ipToBytes, toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import {sipHash} from '../src/index.ts';
import {frameNamed} from './named-frames.ts';
import {at, client, client6, content, keyOf, outcome} from './samples.ts';

const none = '0.0.0.0' as IpAddress;
const none6 = '::' as IpAddress;
const digits = (value: number, bytes: number) => value.toString(16).padStart(2 * bytes, '0');
const key = (
  source: IpAddress,
  destination: IpAddress,
  ports: readonly [number, number],
  protocol: number,
  kind: number,
) =>
  [
    toHex(ipToBytes(source)),
    toHex(ipToBytes(destination)),
    ...ports.map(port => digits(port, 2)),
    digits(protocol, 1),
    digits(kind, 1),
  ].join('');

const [flow, byClient, byPort, byIdentification] = [0, 1, 2, 3];
const keys: Readonly<Record<string, string>> = {
  'TCP over IPv4': key(client, at.flow, [40_000, 80], 6, flow),
  'UDP over IPv4': key(client, at.flow, [40_000, 53], 17, flow),
  'the first fragment over IPv4': key(client, at.flow, [40_000, 53], 17, flow),
  'TCP over IPv4 to a first service of the client group': key(client, none, [0, 0], 0, byClient),
  'a later fragment to a service by client': key(client, none, [0, 0], 0, byClient),
  'UDP to any port of a service by port': key(none, none, [40_000, 0], 0, byPort),
  'UDP to a service by identification': key(client, at.ipid, [0xbeef, 0], 17, byIdentification),
  'a later fragment to a service by identification': key(client, at.ipid, [0x1234, 0], 17, byIdentification),
  'TCP to every protocol by identification': key(client, at.everyIpid, [40_000, 80], 6, flow),
  'GRE to a service of every protocol': key(client, at.every, [0, 0], 47, flow),
  'an IPv4 ping': key(client, none, [0, 0], 0, byClient),
  'ICMP error 3 about TCP': key(client, at.flow, [40_000, 80], 6, flow),
  'TCP over IPv6': key(client6, at.flow6, [40_000, 80], 6, flow),
  'TCP behind one of each IPv6 extension header': key(client6, at.flow6, [40_000, 80], 6, flow),
  'ICMPv6 error 2 about TCP': key(client6, at.flow6, [40_000, 80], 6, flow),
  'a later fragment over IPv6 to a service by client': key(client6, none6, [0, 0], 0, byClient),
};

for (const [name, expected] of Object.entries(keys)) {
  test(`a frame of ${name} has the key that the layout says`, t => {
    t.is(keyOf(frameNamed(name)), expected);
  });
}

test('the hash of a decision is SipHash-1-3 of its key, and the bin its low 16 bits', t => {
  for (const name of Object.keys(keys)) {
    const {hash, bin} = outcome(frameNamed(name));
    const bytes = sipHash(content.hashKey, Buffer.from(keyOf(frameNamed(name)), 'hex'), 1, 3);

    t.is(hash, toHex(bytes.toReversed()), name);
    t.is(bin, Number.parseInt(hash.slice(-4), 16), name);
  }
});
