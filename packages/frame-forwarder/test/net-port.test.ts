import type {Capture} from '@tacoplex/capture';
import {WorldError} from '@tacoplex/errors';
import type {Interface} from '@tacoplex/links';
import {collectLog, HandClock} from '@tacoplex/testkit';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {NetPort} from '../src/net-port.ts';

const eth0 = (index: number): Interface => ({
  name: 'eth0',
  index,
  mac: `02:00:00:00:00:0${index}` as MacAddress,
  address: '10.0.0.1' as IpAddress,
  mtu: 1500,
});

class FakeCapture implements Capture {
  isOpen = true;
  readonly faults = new Map([['send-network-is-down', 2]]);
  send(): boolean {
    return this.isOpen;
  }
  reopen(): void {}
  close(): void {
    this.isOpen = false;
  }
  countLost(): number {
    return 5;
  }
}

/** A port whose world does as told: `fault` is thrown by the next openings. */
const createPort = () => {
  const clock = new HandClock();
  const {log, lines} = collectLog('test', 'warn');
  const world: {up: boolean; index: number; fault: Error | undefined; opened: FakeCapture[]} = {
    up: true,
    index: 1,
    fault: undefined,
    opened: [],
  };
  const port = new NetPort({
    label: 'net A',
    first: eth0(1),
    clock,
    log,
    find: () => eth0(world.index),
    isUp: () => world.up,
    async open() {
      if (world.fault !== undefined) {
        throw world.fault;
      }

      const capture = new FakeCapture();
      world.opened.push(capture);
      return capture;
    },
    onChange() {},
  });
  /** Timers fire, and what they have begun gets its turns. */
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let turns = 0; turns < 10; turns++) {
      await Promise.resolve();
    }
  };

  return {port, world, pass, lines};
};

const unusable = new WorldError('no such device', {code: 'INTERFACE_UNUSABLE', interfaceName: 'eth0'});

test('a port opens when its link is up', async t => {
  const {port, world} = createPort();
  await port.open();

  t.true(port.state.isOpen);
  t.is(port.capture, world.opened[0]);
});

test('a port whose link is down waits and tries nothing', async t => {
  const {port, world, pass} = createPort();
  world.up = false;
  await port.open();
  await pass(10_000);

  t.deepEqual(port.state, {name: 'eth0', index: 1, mac: eth0(1).mac, isOpen: false, why: 'is down'});
  t.is(world.opened.length, 0);
});

test('what cannot be opened is tried again until it can, and told once', async t => {
  const {port, world, pass, lines} = createPort();
  world.fault = unusable;
  await port.open();
  await pass(250);
  await pass(500);
  world.fault = undefined;
  await pass(1000);

  t.true(port.state.isOpen);
  t.deepEqual(lines, ['test: warn: net A cannot be opened yet reason="no such device"']);
});

test('what cannot be opened again, soon after it was open, is told at once', async t => {
  const {port, world, pass, lines} = createPort();
  for (let times = 0; times < 2; times++) {
    world.fault = unusable;
    await port.open();
    world.fault = undefined;
    await pass(1000);
  }

  const warned = 'test: warn: net A cannot be opened yet reason="no such device"';
  t.deepEqual(lines, [warned, warned]);
});

test('a missing permission is not waited for', async t => {
  const {port, world} = createPort();
  world.fault = new WorldError('no', {code: 'PERMISSION_MISSING', capability: 'CAP_NET_RAW'});

  await t.throwsAsync(port.open(), {is: world.fault});
});

test('a link that comes back is opened anew, whatever interface it is now', async t => {
  const {port, world} = createPort();
  await port.open();
  port.close();
  t.false(world.opened[0]?.isOpen);
  world.index = 2;
  await port.open();

  t.is(world.opened.length, 2);
  t.is(port.state.mac, eth0(2).mac);
});

test('a link that goes down while it is being opened stays closed', async t => {
  const {port, world} = createPort();
  const opening = port.open();
  port.close();
  await opening;

  t.false(port.state.isOpen);
  t.false(world.opened[0]?.isOpen);
});

test('what was lost and could not be sent is counted through reopening', async t => {
  const {port} = createPort();
  await port.open();
  port.close();
  await port.open();

  t.is(port.faults.lost, 10);
  t.deepEqual([...port.faults.faults], [['send-network-is-down', 4]]);
});
