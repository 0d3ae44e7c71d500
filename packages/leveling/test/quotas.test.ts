import type {ServerNumber} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {quotasFor} from '../src/quotas.ts';

const share = (server: number, weight: number) => ({server: server as ServerNumber, weight});
const none: readonly number[] = [];

const shareLists = fc
  .uniqueArray(fc.integer({min: 1, max: 300}), {minLength: 1, maxLength: 60})
  .chain(servers =>
    fc
      .array(fc.integer({min: 0, max: 1000}), {minLength: servers.length, maxLength: servers.length})
      .map(weights => servers.map((server, index) => share(server, weights[index]!))),
  )
  .filter(shares => shares.some(({weight}) => weight > 0));

test('quotas sum to the bins, are one at least for a weight, and nothing for none', t => {
  fc.assert(
    fc.property(shareLists, fc.integer({min: 60, max: 65_536}), (shares, bins) => {
      const quotas = quotasFor(shares, none, bins);

      t.is(
        [...quotas.values()].reduce((sum, quota) => sum + quota),
        bins,
      );
      for (const {server, weight} of shares) {
        t.is(quotas.get(server)! >= 1, weight > 0);
      }
    }),
  );
});

test("a quota is within one bin of the weight's share where no share is less than a bin", t => {
  fc.assert(
    fc.property(shareLists, shares => {
      const quotas = quotasFor(shares, none);
      const total = shares.reduce((sum, {weight}) => sum + weight, 0); // 60,000 at most
      for (const {server, weight} of shares) {
        t.true(Math.abs(quotas.get(server)! - (65_536 * weight) / total) < 1);
      }
    }),
  );
});

test('counts that are quotas stay as they are', t => {
  fc.assert(
    fc.property(shareLists, shareLists, (shares, others) => {
      const counts: number[] = [];
      for (const [server, quota] of quotasFor([...shares].reverse(), quotaCounts(others))) {
        counts[server] = quota;
      }

      t.deepEqual(
        quotasFor(shares, counts),
        new Map(shares.map(({server}) => [server, counts[server]!] as const).sort(([one], [other]) => one - other)),
      );
    }),
  );
});

test('weights of 1 and 10 make shares of 1 and 10', t => {
  t.deepEqual([...quotasFor([share(1, 1), share(2, 10)], none, 11).values()], [1, 10]);
  t.deepEqual([...quotasFor([share(1, 1), share(2, 10)], none).values()], [5958, 59_578]);
});

test('the bin too many is taken from who has not got it yet', t => {
  t.deepEqual([...quotasFor([share(1, 1), share(2, 1)], [0, 2, 1], 3).values()], [2, 1]);
  t.deepEqual([...quotasFor([share(1, 1), share(2, 1)], [0, 1, 2], 3).values()], [1, 2]);
  t.deepEqual([...quotasFor([share(1, 1), share(2, 1)], [0, 2, 1], 3, [0, 2, 2]).values()], [2, 1]);
});

test('who would get less than a bin gets one, and the others share the rest', t => {
  t.deepEqual([...quotasFor([share(1, 1), share(2, 1000), share(3, 1000)], none, 11).values()], [1, 5, 5]);
});

test('when nobody has a weight nobody gets anything', t => {
  t.deepEqual([...quotasFor([share(4, 0)], [0, 0, 0, 0, 7]).values()], [0]);
  t.is(quotasFor([], none).size, 0);
});

const faults = {
  'a server that stands there twice': [share(1, 1), share(1, 2)],
  'server 0': [share(0, 1)],
  'a server beyond 16 bits': [share(65_536, 1)],
  'a negative weight': [share(1, -1)],
  'half a weight': [share(1, 0.5)],
  'more servers than bins': [share(1, 1), share(2, 1), share(3, 1)],
};
for (const [name, shares] of Object.entries(faults)) {
  test(`${name} has no quota`, t => {
    t.throws(() => quotasFor(shares, none, 2), {instanceOf: RangeError});
  });
}

function quotaCounts(shares: Parameters<typeof quotasFor>[0]): number[] {
  const counts: number[] = [];
  for (const [server, quota] of quotasFor(shares, none)) {
    counts[server] = quota;
  }

  return counts;
}
