import test from 'ava';
import fc from 'fast-check';
import {
  addressOfLeveler,
  familyOf,
  ipFromBytes,
  ipToBytes,
  isInside,
  type LevelerId,
  levelerIdOf,
  macFromBytes,
  macToBytes,
  parseIp,
  parseMac,
  parseSubnet,
} from '../src/index.ts';

const ip = (text: string) =>
  parseIp(text) ??
  (() => {
    throw new Error(text);
  })();
const subnet = (text: string) =>
  parseSubnet(text) ??
  (() => {
    throw new Error(text);
  })();

test('what is written as bytes reads back as the same address', t => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({minLength: 4, maxLength: 4}), fc.uint8Array({minLength: 16, maxLength: 16})),
      bytes => {
        t.deepEqual(ipToBytes(ipFromBytes(bytes)), bytes);
        t.is(parseIp(ipFromBytes(bytes)), ipFromBytes(bytes));
      },
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({minLength: 6, maxLength: 6}), bytes => {
      t.deepEqual(macToBytes(macFromBytes(bytes)), bytes);
      t.is(parseMac(macFromBytes(bytes)), macFromBytes(bytes));
    }),
  );
});

for (const text of [
  '',
  '10.0.0',
  '10.0.0.256',
  '10.0.0.1/24',
  '1',
  'fe80::1%a0',
  '::g',
  'host',
  '10.0.0.1:80',
  '010.1.1.1x',
]) {
  test(`"${text}" is no address`, t => {
    t.is(parseIp(text), undefined);
  });
}

test('an IPv6 address has one text', t => {
  t.is(parseIp('FD00:A:0:0::00C8'), parseIp('fd00:a::c8'));
  t.is(familyOf(ip('fd00:a::c8')), 'ipv6');
});

for (const text of ['10.0.0.0', '10.0.0.1/24', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '/24', 'fd00::1/64']) {
  test(`"${text}" is no subnet`, t => {
    t.is(parseSubnet(text), undefined);
  });
}

test('an address is inside the subnets of its own family that share its prefix', t => {
  t.true(isInside(subnet('10.0.1.0/24'), ip('10.0.1.255')));
  t.false(isInside(subnet('10.0.1.0/24'), ip('10.0.2.1')));
  t.false(isInside(subnet('0.0.0.0/0'), ip('::1')));
  t.true(isInside(subnet('fd00:a::/63'), ip('fd00:a:0:1::1')));
});

test('a leveler is named by the host part of its net B address', t => {
  t.is(Number(levelerIdOf(ip('10.0.1.2'), subnet('10.0.1.0/24'))), 2);
  t.is(Number(levelerIdOf(ip('10.1.2.3'), subnet('10.1.0.0/16'))), 0x0203);
  t.is(Number(levelerIdOf(ip('10.0.1.35'), subnet('10.0.1.32/27'))), 3);
  t.is(levelerIdOf(ip('10.0.2.2'), subnet('10.0.1.0/24')), undefined);
});

test('the address of a leveler and its number say the same', t => {
  fc.assert(
    fc.property(fc.integer({min: 16, max: 30}), fc.nat(0xffff), fc.nat(0xffff), (prefixLength, low, host) => {
      const hosts = 2 ** (32 - prefixLength);
      const first = low - (low % hosts);
      const netB = {address: ipFromBytes(Uint8Array.of(172, 16, first >> 8, first & 255)), prefixLength};
      const id = 1 + (host % (hosts - 1));

      t.is(levelerIdOf(addressOfLeveler(id as LevelerId, netB), netB), id as LevelerId);
    }),
  );
});
