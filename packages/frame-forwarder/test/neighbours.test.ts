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

const numbers = [1 as ServerNumber];

test('a first MAC address is news at once, the same one is not', t => {
  const neighbours = two();

  t.like(neighbours.hear(s1, m1, 0), {numbers, isNew: true});
  t.like(neighbours.hear(s1, m1, 1), {numbers, isNew: false});
});

/** Known at m1, and heard at m2 too at 1000 ms. */
const doubted = (): Neighbours => {
  const neighbours = two();
  neighbours.hear(s1, m1, 0);
  neighbours.hear(s2, m2, 0);
  neighbours.hear(s1, m2, 1000);
  return neighbours;
};

test('another MAC address has the known one asked at once, three times within 150 ms, and taken if nobody answers', t => {
  const neighbours = two();
  neighbours.hear(s1, m1, 0);

  t.deepEqual(neighbours.hear(s1, m2, 1000), {numbers: [], isNew: false, twins: [], twin: undefined, isDoubted: true});
  t.is(neighbours.hear(s1, m2, 1010)?.isDoubted, false);
  const asked = askedAt(neighbours, s1, 1000, 1140);
  t.deepEqual(
    asked.map(({ms, mac}) => [ms, mac]),
    [
      [1000, m1],
      [1050, m1],
      [1100, m1],
    ],
  );
  t.deepEqual(neighbours.takeMoved(1140), []);
  t.deepEqual(neighbours.takeMoved(1150), [{numbers, mac: m2}]);
  t.deepEqual(neighbours.takeMoved(1160), []);
  t.like(neighbours.hear(s1, m2, 1200), {numbers, isNew: false});
});

test('the known MAC address stays if it answers, and the other is told, for as long as it is heard', t => {
  const neighbours = doubted();
  neighbours.takeDue(1000);

  t.like(neighbours.hear(s1, m1, 1001), {numbers, isNew: false, twins: numbers, twin: m2});
  t.deepEqual(neighbours.takeMoved(1200), []);
  t.like(neighbours.hear(s1, m2, 1300), {numbers: [], twins: numbers, twin: m2, isDoubted: false});
  t.like(neighbours.hear(s1, m1, 1400), {numbers, twin: undefined});
  t.is([...neighbours.known()].find(({number}) => number === 1)?.mac, m1);
});

test('a thousand claims of a stranger in a second cost the server a few questions', t => {
  const neighbours = doubted();
  let questions = 0;
  for (let ms = 1000; ms < 3000; ms++) {
    const due = neighbours.takeDue(ms).filter(({address}) => address === s1);
    questions += due.length;
    if (due.length > 0) {
      neighbours.hear(s1, m1, ms);
    }

    neighbours.hear(s1, `02:00:00:00:66:${(ms % 90) + 10}` as MacAddress, ms);
    t.deepEqual(neighbours.takeMoved(ms), []);
  }

  t.is(questions, 2);
});

test('a server that answers no more is taken where it is heard at once', t => {
  const neighbours = two();
  neighbours.hear(s1, m1, 0);
  askedAt(neighbours, s1, 5000, 5500);

  t.like(neighbours.hear(s1, m2, 5600), {numbers, isNew: true});
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
