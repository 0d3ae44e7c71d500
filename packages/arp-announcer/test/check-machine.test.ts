import {ConfigError} from '@tacoplex/errors';
import type {Listed} from '@tacoplex/links';
import test from 'ava';
import {checkUnowned} from '../src/check-machine.ts';
import {config, ip} from './fixtures.ts';

const listed = (ifname: string, ...locals: readonly string[]): Listed => ({
  ifname,
  ifindex: 2,
  link_type: 'ether',
  flags: ['UP', 'LOWER_UP'],
  mtu: 1500,
  addr_info: locals.map(local => ({local, prefixlen: 24})),
});

const shared = config([ip('10.0.0.200'), ip('fd00:a::200')], [ip('10.0.1.254')]);

for (const [what, local, sentence] of [
  ['LevIP', '10.0.0.200', 'net_a: the LevIP 10.0.0.200 is on eth0'],
  ['IPv6 LevIP', 'fd00:a::200', 'net_a: the LevIP fd00:a::200 is on eth0'],
  ['gateway', '10.0.1.254', 'net_b: the gateway 10.0.1.254 is on eth0'],
] as const) {
  test(`a ${what} on an interface is refused, with the command that mends it`, t => {
    const error = t.throws(
      () => checkUnowned(shared, [listed('lo', '127.0.0.1'), listed('eth0', '10.0.0.101', local)]),
      {
        instanceOf: ConfigError,
      },
    );

    t.is(error?.message, `${sentence}, so the kernel would answer for it; type: ip address del ${local} dev eth0`);
  });
}

test('a machine that has its own addresses only is good', t => {
  t.notThrows(() => checkUnowned(shared, [listed('lo', '127.0.0.1', '::1'), listed('eth0', '10.0.0.101')]));
});
