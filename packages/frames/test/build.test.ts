import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {
  buildEthernet,
  buildIcmp,
  buildIpv4,
  buildIpv6,
  buildPing,
  buildTcp,
  buildUdp,
  fragmentIpv4,
  fragmentIpv6,
  internetChecksum,
  joinBytes,
  padded,
  tcpFlags,
  transportChecksum,
} from '../src/index.ts';

const ends = {source: '192.0.2.7' as IpAddress, destination: '10.0.1.200' as IpAddress};
const ends6 = {source: '2001:db8::7' as IpAddress, destination: 'fd00:b::200' as IpAddress};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('the checksum of the example in RFC 1071 is the one it gives', t => {
  t.is(internetChecksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)), 0xffff - 0xddf2);
});

test('what carries its own checksum sums up to zero', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 65}), fc.uint8Array({maxLength: 40}), (payload, options) => {
      const segment = {sourcePort: 40_000, destinationPort: 80, payload};
      for (const [addresses, icmp] of [
        [ends, 1],
        [ends6, 58],
      ] as const) {
        t.is(transportChecksum(addresses, 6, buildTcp(addresses, {...segment, options})), 0);
        t.is(transportChecksum(addresses, 17, buildUdp(addresses, segment)), 0);
        const ping = buildPing(addresses, {identifier: 1, sequence: 2, payload});
        t.is(icmp === 1 ? internetChecksum(ping) : transportChecksum(addresses, icmp, ping), 0);
      }

      const header = buildIpv4({...ends, protocol: 6, payload: new Uint8Array(), options});
      t.is(internetChecksum(header), 0);
    }),
  );
});

test('an IPv4 header stands byte for byte as RFC 791 says', t => {
  const packet = buildIpv4({
    ...ends,
    protocol: 17,
    payload: Uint8Array.of(0xaa),
    options: Uint8Array.of(1, 1),
    identification: 0xbeef,
    fragmentOffset: 3,
    moreFragments: true,
    ttl: 9,
  });

  t.is(hex(packet).replace(/^(.{20}).{4}/, '$1....'), '46000019beef20030911....c00002070a0001c801010000aa');
});

test('an IPv6 header names its extension headers in turn', t => {
  const packet = buildIpv6({
    ...ends6,
    protocol: 59,
    payload: new Uint8Array(),
    extensionHeaders: [
      {kind: 'hopByHop'},
      {kind: 'authentication', words: 3},
      {kind: 'fragment', identification: 0x01020304, offset: 2, moreFragments: true},
    ],
  });

  t.is(hex(packet.slice(0, 8)), '6000000000280040');
  t.is(hex(packet.slice(40, 48)), '3300000000000000');
  t.is(hex(packet.slice(48, 72)), `2c04${'00'.repeat(22)}`);
  t.is(hex(packet.slice(72)), '3b00001101020304');
});

test('TCP and UDP headers stand byte for byte as their standards say', t => {
  const tcp = buildTcp(ends, {
    sourcePort: 0x1234,
    destinationPort: 80,
    flags: tcpFlags.ack | tcpFlags.psh,
    sequence: 5,
    acknowledgement: 0xffff_fffe,
  });

  t.is(hex(tcp).slice(0, 32), '1234005000000005fffffffe5018ffff');
  t.is(
    hex(buildUdp(ends, {sourcePort: 1, destinationPort: 53, payload: new Uint8Array(3)})).slice(0, 12),
    '00010035000b',
  );
});

test('an ICMP error carries its quote behind 8 bytes', t => {
  const quote = buildIpv4({...ends, protocol: 6, payload: new Uint8Array(8)});
  const error = buildIcmp(ends, {type: 3, code: 4, rest: 1400, payload: quote});

  t.is(hex(error.slice(0, 2)), '0304');
  t.is(hex(error.slice(4, 8)), '00000578');
  t.deepEqual(error.slice(8), quote);
});

test('tags stand between source and type, outermost first', t => {
  const frame = buildEthernet({
    destination: '02:00:00:00:00:01' as MacAddress,
    source: '02:00:00:00:00:99' as MacAddress,
    tags: [
      {id: 5, type: 0x88a8},
      {id: 0xfff, priority: 7},
    ],
    type: 0x0800,
    payload: new Uint8Array(),
  });

  t.is(hex(frame), '02000000000102000000009988a800058100efff0800');
  t.is(padded(frame).length, 60);
  t.deepEqual(padded(padded(frame)), padded(frame));
});

test('fragments put together are the payload they were cut from', t => {
  fc.assert(
    fc.property(fc.uint8Array({minLength: 1, maxLength: 200}), fc.integer({min: 1, max: 8}), (payload, words) => {
      const four = fragmentIpv4({...ends, protocol: 17, payload, identification: 7}, 8 * words);
      const six = fragmentIpv6({...ends6, protocol: 17, payload}, 8 * words, 7);

      t.deepEqual(joinBytes(...four.map(piece => piece.slice(20))), payload);
      t.deepEqual(joinBytes(...six.map(piece => piece.slice(48))), payload);
      t.deepEqual(
        four.map(piece => (piece[6] ?? 0) >> 5),
        four.map((_, index) => (index < four.length - 1 ? 1 : 0)),
      );
    }),
  );
});
