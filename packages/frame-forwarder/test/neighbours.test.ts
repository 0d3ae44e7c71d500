import type {IpAddress, MacAddress, ServerNumber} from '@tacoplex/vocabulary';
import test from 'ava';
import {Neighbours} from '../src/neighbours.ts';

const [s1, s2] = ['10.0.1.101', '10.0.1.102'] as [IpAddress, IpAddress];
const [m1, m2] = ['02:00:00:00:00:01', '02:00:00:00:00:02'] as [MacAddress, MacAddress];
const server = (number: number, address: IpAddress) => ({number: number as ServerNumber, address});

const two = (): Neighbours => {
  const neighbours = new Neighbours();
  neighbours.setServers([server(1, s1), server(2, s2)], 0);
  return neighbours;
};

/** Times at which `address` is asked for while nobody answers, looked at every 10 ms. */
const askedAt = (neighbours: Neighbours, address: IpAddress, fromMs: number, toMs: number) => {
  const times: {ms: number; mac: MacAddress | undefined}[] = [];
  for (let ms = fromMs; ms <= toMs; ms += 10) {
    for (const question of neighbours.takeDue(ms).filter(due => due.address === address)) {
      times.push({ms, mac: question.mac});
    }
  }

  return times;
};

test('a new server is asked for at once, then less and less often', t => {
  t.deepEqual(
    askedAt(two(), s1, 0, 3600).map(({ms}) => ms),
    [0, 100, 300, 700, 1500, 2500, 3500],
  );
});

test('a server that was heard is asked again after 5 s, by itself', t => {
  const neighbours = two();
  neighbours.hear(s1, m1, 0);

  t.deepEqual(askedAt(neighbours, s1, 0, 5050), [{ms: 5000, mac: m1}]);
});

test('a server that has fallen silent is asked for on the whole segment, and stays known', t => {
  const neighbours = two();
  neighbours.hear(s1, m1, 0);

  t.deepEqual(
    askedAt(neighbours, s1, 5000, 6000).map(({mac}) => mac),
    [m1, m1, m1, undefined],
  );
  t.deepEqual([...neighbours.known()], [{number: 1 as ServerNumber, mac: m1, heardAtMs: 0}]);
});

test('another MAC address is news at once, the same one is not', t => {
  const neighbours = two();

  t.deepEqual(neighbours.hear(s1, m1, 0), {numbers: [1 as ServerNumber], isNew: true});
  t.deepEqual(neighbours.hear(s1, m1, 1), {numbers: [1 as ServerNumber], isNew: false});
  t.deepEqual(neighbours.hear(s1, m2, 2), {numbers: [1 as ServerNumber], isNew: true});
});

test('a stranger is no news', t => {
  t.is(two().hear('10.0.1.9' as IpAddress, m1, 0), undefined);
});

test('one address may serve in two groups', t => {
  const neighbours = new Neighbours();
  neighbours.setServers([server(1, s1), server(7, s1)], 0);

  t.is(neighbours.takeDue(0).length, 1);
  t.deepEqual(neighbours.hear(s1, m1, 1)?.numbers, [1, 7] as ServerNumber[]);
});

test('servers that stay are not forgotten when others come and go', t => {
  const neighbours = two();
  neighbours.hear(s1, m1, 5);
  neighbours.hear(s2, m2, 5);

  neighbours.setServers([server(2, s2), server(3, '10.0.1.103' as IpAddress)], 10);

  t.deepEqual([...neighbours.known()], [{number: 2 as ServerNumber, mac: m2, heardAtMs: 5}]);
  t.deepEqual(
    neighbours.takeDue(10).map(({address}) => address as string),
    ['10.0.1.103'],
  );
});

test('when the wire comes back everybody is asked at once', t => {
  const neighbours = two();
  neighbours.hear(s1, m1, 0);
  neighbours.hear(s2, m2, 0);

  neighbours.askAll(100);

  t.deepEqual(neighbours.takeDue(100), [
    {address: s1, mac: m1},
    {address: s2, mac: m2},
  ]);
});

test('a thousand servers are asked for in portions, all of them', t => {
  const neighbours = new Neighbours();
  const servers = Array.from({length: 1000}, (_, index) =>
    server(index + 1, `10.1.${index >> 8}.${index & 255}` as IpAddress),
  );
  neighbours.setServers(servers, 0);
  const asked = new Set<string>();
  for (let rounds = 0; rounds < 32; rounds++) {
    const due = neighbours.takeDue(rounds);
    t.true(due.length <= 32);
    for (const {address} of due) {
      asked.add(address);
    }
  }

  t.is(asked.size, 1000);
});
