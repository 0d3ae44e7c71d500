import {reasonNumbers} from '@tacoplex/leveling';
import test from 'ava';
import {allReasons, Counters, createCounterMemory, ServerTallies, ServiceTallies} from '../src/counters.ts';

test('servers and services sum to the same', t => {
  const counters = new Counters(createCounterMemory());
  const [servers, services] = [new ServerTallies(counters), new ServiceTallies(counters)];
  servers.setServers([1, 2]);
  services.begin(0, ['web', 'dns']);
  for (let frame = 0; frame < 100; frame++) {
    counters.countForwarded(reasonNumbers.forwarded, 0, frame % 2, 1 + (frame % 3 === 0 ? 1 : 0), 100 + frame);
  }

  const sum = (one: {packets: number; bytes: number}, other: {packets: number; bytes: number}) => [
    one.packets + other.packets,
    one.bytes + other.bytes,
  ];
  t.deepEqual(sum(servers.of(1), servers.of(2)), [100, 14_950]);
  t.deepEqual(sum(services.of('web'), services.of('dns')), [100, 14_950]);
});

test('a service keeps its count when its index changes with the image', t => {
  const counters = new Counters(createCounterMemory());
  const services = new ServiceTallies(counters);
  services.begin(0, ['web', 'dns']);
  counters.countForwarded(0, 0, 1, 1, 50);
  services.begin(1, ['dns', 'web']);
  counters.countForwarded(0, 0, 1, 1, 50); // A frame that is still decided by the old image
  counters.countForwarded(0, 1, 0, 1, 50);
  services.begin(0, ['mail', 'dns']);
  counters.countForwarded(0, 0, 1, 1, 50);

  t.deepEqual(services.of('dns'), {packets: 4, bytes: 200});
  t.deepEqual(services.of('mail'), {packets: 0, bytes: 0});
});

test('a service that is removed and added again begins at nothing', t => {
  const counters = new Counters(createCounterMemory());
  const services = new ServiceTallies(counters);
  services.begin(0, ['web']);
  counters.countForwarded(0, 0, 0, 1, 50);
  services.begin(1, []);
  services.begin(0, []);
  services.begin(1, ['web']);

  t.deepEqual(services.of('web'), {packets: 0, bytes: 0});
});

test('a server number that is given again begins at nothing', t => {
  const counters = new Counters(createCounterMemory());
  const servers = new ServerTallies(counters);
  servers.setServers([1, 2]);
  counters.countForwarded(0, 0, 0, 1, 50);
  counters.countForwarded(0, 0, 0, 2, 50);
  servers.setServers([2]);
  servers.setServers([1, 2]);

  t.deepEqual(servers.of(1), {packets: 0, bytes: 0});
  t.deepEqual(servers.of(2), {packets: 1, bytes: 50});
});

test('reasons of the shell stand behind those of the forwarding function', t => {
  const counters = new Counters(createCounterMemory());
  counters.countShellReason('fenced');
  counters.countReason(reasonNumbers['no-mac']);

  t.is(counters.reasons[allReasons.indexOf('fenced')], 1);
  t.is(counters.reasons[allReasons.indexOf('no-mac')], 1);
  t.is(
    counters.reasons.reduce((sum, count) => sum + count),
    2,
  );
});
