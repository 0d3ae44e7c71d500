import test from 'ava';
import {parseWanted} from '../src/explain-words.ts';
import {Misunderstanding} from '../src/refusals.ts';
import type {Given} from '../src/verb.ts';

const parse = (words: string, options: Given['options'] = {}) =>
  parseWanted({operands: words === '' ? [] : words.split(' '), options});

test('a flow is read as it is written', t => {
  t.deepEqual(parse('tcp 192.0.2.7:40001 10.0.1.200:80'), {
    what: {
      flow: {protocol: 6, source: '192.0.2.7', destination: '10.0.1.200', sourcePort: 40_001, destinationPort: 80},
    },
    stateFile: undefined,
  } as never);
  t.deepEqual(parse('udp [2001:db8::7]:5353 [fd00:b::200]:53', {vlan: '7', state: 'state.toml'}), {
    what: {
      flow: {
        protocol: 17,
        source: '2001:db8::7',
        destination: 'fd00:b::200',
        sourcePort: 5353,
        destinationPort: 53,
        vlan: 7,
      },
    },
    stateFile: 'state.toml',
  } as never);
});

test('a ping has no ports, and the protocol of its family', t => {
  t.like(parse('icmp 192.0.2.7 10.0.1.200').what, {flow: {protocol: 1, sourcePort: 0}} as never);
  t.like(parse('icmp6 2001:db8::7 [fd00:b::200]').what, {flow: {protocol: 58}} as never);
});

test('other protocols are numbers, and have no ports', t => {
  t.like(parse('47 192.0.2.7 10.0.1.200').what, {flow: {protocol: 47}} as never);
});

test('a capture is a file, and may say which MAC address is ours', t => {
  t.deepEqual(parse('', {pcap: '-', ourMac: '02:00:00:00:00:0A'}).what, {
    capture: '-',
    ourMac: '02:00:00:00:00:0a',
  } as never);
});

const nonsense: Readonly<Record<string, [words: string, options?: Given['options']]>> = {
  'no words at all': [''],
  'a flow without a destination': ['tcp 192.0.2.7:1'],
  'a word too much': ['tcp 192.0.2.7:1 10.0.1.200:80 now'],
  'an unknown protocol': ['http 192.0.2.7:1 10.0.1.200:80'],
  'every protocol': ['any 192.0.2.7:1 10.0.1.200:80'],
  'a port that is missing': ['tcp 192.0.2.7 10.0.1.200:80'],
  'a port for a ping': ['icmp 192.0.2.7:1 10.0.1.200'],
  'a port of 65536': ['tcp 192.0.2.7:1 10.0.1.200:65536'],
  'half an address': ['tcp 192.0.2:1 10.0.1.200:80'],
  'IPv4 in brackets': ['tcp [192.0.2.7]:1 10.0.1.200:80'],
  'two families': ['tcp [2001:db8::7]:1 10.0.1.200:80'],
  'a VLAN of 4095': ['icmp 192.0.2.7 10.0.1.200', {vlan: '4095'}],
  'an identification of IPv6': ['icmp 2001:db8::7 fd00:b::200', {id: '1'}],
  'a flow and a capture': ['icmp 192.0.2.7 10.0.1.200', {pcap: 'a.pcap'}],
  'a VLAN for a capture': ['', {pcap: 'a.pcap', vlan: '1'}],
  'a MAC address for a flow': ['icmp 192.0.2.7 10.0.1.200', {ourMac: '02:00:00:00:00:01'}],
  'half a MAC address': ['', {pcap: 'a.pcap', ourMac: '02:00'}],
};

for (const [title, [words, options]] of Object.entries(nonsense)) {
  test(`${title} is not understood`, t => {
    t.throws(() => parse(words, options), {instanceOf: Misunderstanding});
  });
}
