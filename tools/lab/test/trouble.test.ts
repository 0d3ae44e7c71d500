import test from 'ava';
import {cut, defaultOptions, partition, planLab, planTrouble} from '../src/index.ts';

const plan = planLab({...defaultOptions, levelers: 3, servers: 2});

test('a trouble without a place is for everybody on net A and net B', t => {
  const rules = planTrouble(plan, [{lossPercent: 10}]);

  t.deepEqual(
    rules.map(({port}) => port),
    [
      ...['router-a0', 'leveler0-a0', 'leveler1-a0', 'leveler2-a0'],
      ...['leveler0-b0', 'leveler1-b0', 'leveler2-b0', 'server0-b0', 'server1-b0'],
    ],
  );
  t.deepEqual(rules[0], {
    port: 'router-a0',
    also: undefined,
    source: undefined,
    kind: 'all',
    copies: 1,
    loss: 100_000,
    doubling: 0,
    corruption: 0,
    delay: 0,
    delayUs: [0, 0],
  });
});

test('from one leveler to another it is a rule for each net, at the port of the one that is reached', t => {
  const rules = planTrouble(plan, [{...cut, from: 'leveler0', to: 'leveler2', kind: 'cluster'}]);

  t.deepEqual(
    rules.map(({port, source, kind, loss}) => [port, source, kind, loss]),
    [
      ['leveler2-a0', '02:00:0a:00:00:65', 'cluster', 1_000_000],
      ['leveler2-b0', '02:00:0a:00:01:01', 'cluster', 1_000_000],
    ],
  );
});

test('whoever is on one of the wires only is troubled there', t => {
  t.deepEqual(
    planTrouble(plan, [{to: 'server1', delayMs: [0.5, 20]}]).map(({port, delayUs}) => [port, delayUs]),
    [['server1-b0', [500, 20_000]]],
  );
});

test('copies for another wire go to those who are on both', t => {
  t.deepEqual(
    planTrouble(plan, [{wires: ['net-a'], alsoOn: 'net-b'}]).map(({port, also}) => [port, also]),
    [
      ['leveler0-a0', 'leveler0-b0'],
      ['leveler1-a0', 'leveler1-b0'],
      ['leveler2-a0', 'leveler2-b0'],
    ],
  );
});

test('a partition cuts each pair both ways', t => {
  const troubles = partition(['leveler0'], ['leveler1', 'router'], {wires: ['net-a']});

  t.deepEqual(
    troubles.map(({from, to}) => `${from} ${to}`),
    ['leveler0 leveler1', 'leveler1 leveler0', 'leveler0 router', 'router leveler0'],
  );
  t.is(planTrouble(plan, troubles).length, 4);
});

for (const [trouble, message] of [
  [{lossPercent: -1}, 'loss: 0..100, not -1'],
  [{delayMs: [20, 10]}, 'delay: 0..10, not 20'],
  [{copies: 0}, 'copies: 1..8, not 0'],
  [{from: 'client'}, 'no trouble on net-a and net-b: client is not there'],
] as const) {
  test(`refused: ${JSON.stringify(trouble)}`, t => {
    t.throws(() => planTrouble(plan, [trouble]), {message});
  });
}
