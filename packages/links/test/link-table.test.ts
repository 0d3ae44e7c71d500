import {parseMac} from '@tacoplex/vocabulary';
import test from 'ava';
import {LinkTable} from '../src/link-table.ts';

const table = (): LinkTable => {
  const links = new LinkTable(['eth0', 'eth1']);
  links.takeAll([
    {name: 'eth0', index: 2, up: true},
    {name: 'eth1', index: 3, up: false},
    {name: 'eth2', index: 4, up: true},
  ]);
  return links;
};

test('the first listing tells which links are up', t => {
  const links = table();

  t.true(links.isUp('eth0'));
  t.false(links.isUp('eth1'));
  t.false(links.isUp('eth2'));
});

test('a change is told once', t => {
  const links = table();

  t.deepEqual(links.take({name: 'eth1', index: 3, up: true}), [{name: 'eth1', up: true}]);
  t.deepEqual(links.take({name: 'eth1', index: 3, up: true}), []);
  t.deepEqual(links.take({name: 'eth1', index: 3, up: false}), [{name: 'eth1', up: false}]);
});

test('a link that nobody asked for is not told', t => {
  t.deepEqual(table().take({name: 'eth2', index: 4, up: false}), []);
});

test('a link that was re-created unseen is told as down, then up', t => {
  t.deepEqual(table().take({name: 'eth0', index: 9, up: true}), [
    {name: 'eth0', up: false},
    {name: 'eth0', up: true},
  ]);
});

test('a link that was re-created and is not up yet is told as down', t => {
  t.deepEqual(table().take({name: 'eth0', index: 9, up: false}), [{name: 'eth0', up: false}]);
});

test('a renamed link is gone under its old name', t => {
  const links = table();

  t.deepEqual(links.take({name: 'eth1', index: 2, up: true}), [
    {name: 'eth0', up: false},
    {name: 'eth1', up: true},
  ]);
  t.false(links.isUp('eth0'));
});

test('a link that is missing from a listing is down', t => {
  t.deepEqual(table().takeAll([{name: 'eth1', index: 3, up: true}]), [
    {name: 'eth0', up: false},
    {name: 'eth1', up: true},
  ]);
});

test('another MAC address of a link that is up is told as up once more', t => {
  const links = table();
  const [first, second] = [parseMac('02:00:00:00:00:01')!, parseMac('02:00:00:00:00:02')!];
  t.deepEqual(links.take({name: 'eth0', index: 2, up: true, mac: first}), []);

  t.deepEqual(links.take({name: 'eth0', index: 2, up: true, mac: second}), [{name: 'eth0', up: true}]);
  t.deepEqual(links.take({name: 'eth0', index: 2, up: true}), []);
  t.deepEqual(links.take({name: 'eth0', index: 2, up: true, mac: second}), []);
});
