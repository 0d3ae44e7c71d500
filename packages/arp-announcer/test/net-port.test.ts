import type {Capture} from '@tacoplex/capture';
import {ConfigError, WorldError} from '@tacoplex/errors';
import {collectLog, HandClock} from '@tacoplex/testkit';
import test from 'ava';
import {NetPort} from '../src/net-port.ts';
import {interfaceOf, mac} from './fixtures.ts';

const down = new WorldError('cannot capture on net-a: it is down', {
  code: 'INTERFACE_UNUSABLE',
  interfaceName: 'net-a',
});

/** A port whose interface and link the test moves. */
const build = () => {
  const clock = new HandClock();
  const {log, lines} = collectLog('arp-announcer', 'notice');
  const world = {isUp: true, found: interfaceOf('a'), fault: undefined as Error | undefined, opened: 0, closed: 0};
  const macs: string[] = [];
  const capture = (): Capture => {
    world.opened++;
    return {
      isOpen: true,
      send: () => true,
      reopen: () => {},
      close: () => world.closed++,
      faults: new Map([['send-network-is-down', 2]]),
      countLost: () => 3,
    };
  };
  const port = new NetPort({
    net: 'a',
    clock,
    log,
    isUp: () => world.isUp,
    find: () => world.found,
    open: () => {
      if (world.fault !== undefined) {
        throw world.fault;
      }

      return capture();
    },
    onOpen: found => macs.push(found.mac),
  });
  return {port, world, clock, lines, macs};
};

test('a link that is down at the start is waited for', t => {
  const {port, world, lines, macs} = build();
  world.isUp = false;
  port.open();
  t.false(port.send(new Uint8Array(60)));

  world.isUp = true;
  port.open();

  t.true(port.send(new Uint8Array(60)));
  t.deepEqual(macs, ['02:00:00:00:0a:01']);
  t.deepEqual(lines, [
    'arp-announcer: warn: net is silent, waiting for it net=a reason="its link is down"',
    'arp-announcer: notice: net is open net=a interface=net-a mac=02:00:00:00:0a:01',
  ]);
});

test('each failure after it was open is told at once, and so is that it is open again', t => {
  const {port, lines, clock} = build();
  for (let times = 0; times < 2; times++) {
    port.open();
    clock.advance(1000);
    port.close();
    clock.advance(1000);
  }

  const [open, silent] = ['notice: net is open', 'warn: net is silent'];
  t.deepEqual(
    lines.map(line => /^arp-announcer: (\w+: [^,=]+?)(?:,| net=)/.exec(line)?.[1]),
    [open, silent, open, silent],
  );
});

test('a link that comes back is opened anew, with the MAC it has then', t => {
  const {port, world, macs} = build();
  port.open();

  port.close();
  world.found = {...world.found, mac: mac('02:00:00:00:aa:aa')};
  port.open();

  t.deepEqual([world.opened, world.closed], [2, 1]);
  t.deepEqual(macs, ['02:00:00:00:0a:01', '02:00:00:00:aa:aa']);
});

for (const fault of [
  down,
  new ConfigError('net_a: none', {code: 'NET_UNMATCHED', net: 'net_a', subnet: '10.0.0.0/24'}),
]) {
  test(`a net that cannot be opened yet is tried again: ${fault.facts.code}`, t => {
    const {port, world, clock, lines} = build();
    world.fault = fault;
    port.open();
    clock.advance(2000);
    t.false(port.isOpen);

    world.fault = undefined;
    clock.advance(250);

    t.true(port.isOpen);
    t.is(lines.filter(line => line.includes('warn')).length, 1);
  });
}

test('a missing privilege does not come by waiting', t => {
  const {port, world} = build();
  world.fault = new WorldError('needs CAP_NET_RAW', {code: 'PERMISSION_MISSING', capability: 'CAP_NET_RAW'});

  t.throws(() => port.open(), {is: world.fault});
});

test('faults are summed over all captures', t => {
  const {port} = build();
  port.open();
  port.open();

  t.deepEqual(
    [...port.faults],
    [
      ['send-network-is-down', 4],
      ['lost-in-ring', 6],
    ],
  );
});

test('a port that was ended is not opened again by a retry', t => {
  const {port, world, clock} = build();
  world.fault = down;
  port.open();
  port.end();
  world.fault = undefined;

  clock.advance(1000);

  t.is(world.opened, 0);
});
