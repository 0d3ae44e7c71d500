import test from 'ava';
import fc from 'fast-check';
import {formatNet, type IpAddress, ipFromBytes, isInside, isOnNet, parseIp, parseSubnet, usesOf} from '../src/index.ts';

const ip = (text: string): IpAddress => parseIp(text)!;
const nets = {
  netA: {
    subnet: parseSubnet('10.0.0.0/24')!,
    subnet6: parseSubnet('fd00:a::/64')!,
    peers: [ip('10.0.0.11')],
    levips: [ip('10.0.0.200'), ip('fd00:a::200')],
    routers: [ip('10.0.0.1')],
  },
  netB: {
    subnet: parseSubnet('10.0.1.0/24')!,
    subnet6: undefined,
    peers: [ip('10.0.1.11')],
    gateways: [ip('10.0.1.254')],
  },
};

const uses: Readonly<Record<string, readonly string[]>> = {
  '10.0.0.0': ['the network address of net A (10.0.0.0/24)'],
  'fd00:a::': ['the network address of net A (fd00:a::/64)'],
  '10.0.1.255': ['the broadcast address of net B (10.0.1.0/24)'],
  'fd00:a::ffff:ffff:ffff:ffff': [],
  'fd00:b::': [],
  '10.0.0.200': ['a LevIP'],
  'fd00:a::200': ['a LevIP'],
  '10.0.0.1': ['a router on net A'],
  '10.0.1.254': ['a gateway on net B'],
  '10.0.0.11': ["a leveler's own address on net A"],
  '10.0.1.11': ["a leveler's own address on net B"],
  '10.0.1.101': [],
  '10.0.2.255': [],
};

for (const [text, expected] of Object.entries(uses)) {
  test(`the config makes of ${text}: ${expected.join() || 'nothing'}`, t => {
    const words = usesOf(nets, ip(text)).map(use => use.words);

    t.deepEqual(words, expected);
  });
}

test('an address in two lists has two uses', t => {
  const netA = {...nets.netA, routers: nets.netA.levips};

  t.deepEqual(
    usesOf({...nets, netA}, ip('10.0.0.200')).map(({kind}) => kind),
    ['levip', 'router'],
  );
});

test('a subnet of 31 or 32 bits has no ends', t => {
  const netA = {...nets.netA, subnet: parseSubnet('10.0.0.0/31')!};

  t.deepEqual(usesOf({...nets, netA}, ip('10.0.0.0')), []);
});

test('the ends of a subnet are its first and its last address, and no other', t => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.integer({min: 16, max: 30}), fc.nat(0xffff), (low, prefixLength, other) => {
      const hosts = 2 ** (32 - prefixLength);
      const first = low - (low % hosts);
      const host = other % hosts;
      const at = (number: number) => ipFromBytes(Uint8Array.of(10, 7, number >> 8, number & 255));
      const subnet = {address: at(first), prefixLength};
      const netB = {subnet, peers: [], gateways: []};

      const kinds = usesOf({...nets, netB}, at(first + host)).map(({kind}) => kind);

      t.deepEqual(kinds, host === 0 ? ['network'] : host === hosts - 1 ? ['broadcast'] : []);
      t.true(isInside(subnet, at(first + host)));
    }),
  );
});

test('a net has one subnet or two', t => {
  t.is(formatNet(nets.netA), '10.0.0.0/24, fd00:a::/64');
  t.is(formatNet(nets.netB), '10.0.1.0/24');
  t.true(isOnNet(nets.netA, ip('fd00:a::1')));
  t.false(isOnNet(nets.netB, ip('fd00:b::1')));
});
