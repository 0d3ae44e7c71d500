import {binCount, type ServerNumber} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {orderBins} from '../src/bin-table-order.ts';
import {type BinTables, changeTable, changeTables} from '../src/bin-tables.ts';
import {quotasFor, type Share} from '../src/quotas.ts';

const share = (server: number, weight = 1): Share => ({server: server as ServerNumber, weight});
const empty: BinTables = {base: new Uint16Array(binCount), fallback: new Uint16Array(binCount)};

const sharesOf = (weights: fc.Arbitrary<number>) =>
  fc
    .dictionary(fc.integer({min: 1, max: 65_535}).map(String), weights, {maxKeys: 12, noNullPrototype: true})
    .map(record => Object.entries(record).map(([server, weight]) => share(Number(server), weight)));
const anyShares = sharesOf(fc.integer({min: 0, max: 1000}));
const histories = fc.array(anyShares, {minLength: 1, maxLength: 5});
const options = {numRuns: 25};

const build = (history: readonly (readonly Share[])[]): BinTables =>
  history.reduce((tables, shares) => changeTables(tables, shares), empty);

function countsOf(table: Uint16Array): Uint32Array {
  const counts = new Uint32Array(65_536);
  for (const server of table) {
    counts[server]!++;
  }

  return counts;
}

const differing = (one: Uint16Array, other: Uint16Array): number =>
  one.reduce((sum, server, bin) => sum + (server === other[bin] ? 0 : 1), 0);

test('exactly half the sum of the count differences moves', t => {
  fc.assert(
    fc.property(histories, anyShares, (history, shares) => {
      const before = build(history).base;
      const {base, moved, minimum} = changeTable(before, shares);
      const [counts, newCounts] = [countsOf(before), countsOf(base)];

      t.is(counts.reduce((sum, count, server) => sum + Math.abs(count - newCounts[server]!), 0) / 2, minimum);
      t.is(differing(before, base), minimum);
      t.is(moved, minimum);
    }),
    options,
  );
});

test('each server has its quota, and nobody else has any bin', t => {
  fc.assert(
    fc.property(histories, anyShares, (history, shares) => {
      const before = build(history).base;
      const counts = countsOf(changeTable(before, shares).base);
      const quotas = quotasFor(shares, countsOf(before));
      const someWeight = shares.some(({weight}) => weight > 0);

      t.deepEqual(
        [...counts].flatMap((count, server) => (count > 0 && server > 0 ? [[server, count]] : [])),
        [...quotas].filter(([, quota]) => quota > 0),
      );
      t.is(counts[0], someWeight ? 0 : binCount);
    }),
    options,
  );
});

test('the order of the shares does not matter', t => {
  fc.assert(
    fc.property(histories, anyShares, (history, shares) => {
      const before = build(history);

      t.deepEqual(changeTables(before, shares), changeTables(before, [...shares].reverse()));
    }),
    options,
  );
});

test('the same shares again move nothing and change no fallback', t => {
  fc.assert(
    fc.property(histories, history => {
      const before = build(history);
      const again = changeTables(before, history.at(-1)!);

      t.is(again.moved, 0);
      t.deepEqual(again.base, before.base);
      t.deepEqual(again.fallback, before.fallback);
    }),
    options,
  );
});

test('a server added and removed again leaves the table as it was', t => {
  const weights = fc.integer({min: 1, max: 20});
  fc.assert(
    fc.property(fc.array(sharesOf(weights), {minLength: 1, maxLength: 4}), weights, (history, weight) => {
      const before = build(history);
      const shares = history.at(-1)!;
      const newcomer = share(shares.some(({server}) => server === 777) ? 778 : 777, weight);
      const added = changeTables(before, [...shares.filter(({server}) => server !== 778), newcomer]);

      t.is(differing(changeTables(added, shares).base, before.base), 0);
    }),
    options,
  );
});

test('a fallback is another server than the base, and there is one wherever another has a weight', t => {
  fc.assert(
    fc.property(histories, history => {
      const {base, fallback} = build(history);
      const weighted = new Set<number>(history.at(-1)!.flatMap(({server, weight}) => (weight > 0 ? [server] : [])));

      t.is(
        fallback.findIndex((server, bin) =>
          weighted.size < 2 ? server !== 0 : server === base[bin] || !weighted.has(server),
        ),
        -1,
      );
    }),
    options,
  );
});

test('the bins of each server fall back to the others by their weights, to within two bins', t => {
  fc.assert(
    fc.property(histories, history => {
      const {base, fallback} = build(history);
      const shares = history.at(-1)!;
      for (const {server} of shares) {
        const mine = fallback.filter((_, bin) => base[bin] === server);
        const counts = countsOf(mine);
        const others = shares.filter(other => other.server !== server);
        const total = others.reduce((sum, {weight}) => sum + weight, 0);
        for (const other of total > 0 ? others : []) {
          t.true(Math.abs(counts[other.server]! - (mine.length * other.weight) / total) < 2);
        }
      }
    }),
    options,
  );
});

test('what a server leaves behind goes to its fallbacks', t => {
  const before = build([[share(1), share(2), share(3), share(4)]]);
  const after = changeTables(before, [share(1), share(2), share(4)]);

  t.is(
    after.base.findIndex((server, bin) => server !== (before.base[bin] === 3 ? before.fallback : before.base)[bin]),
    -1,
  );
});

test('idle bins move before all others', t => {
  const before = build([[share(1), share(2), share(3)]]);
  const idle = (bin: number): boolean => bin % 2 === 0;
  const {base, moved} = changeTable(before.base, [share(1), share(2), share(3), share(4)], {idle});

  t.is(moved, 16_384);
  t.is(
    base.findIndex((server, bin) => server === 4 && !idle(bin)),
    -1,
  );
});

test('with too few idle bins all of them move, and others beside them', t => {
  const before = build([[share(1), share(2), share(3)]]);
  const idle = (bin: number): boolean => bin < 3000;
  const {base, moved, minimum} = changeTable(before.base, [share(1), share(2), share(3), share(4)], {idle});

  t.is(moved, minimum);
  t.true(base.subarray(0, 3000).every(server => server === 4));
});

test('other receivers get other bins', t => {
  const before = build([[share(1), share(2), share(3)]]).base;
  const binsOf = (server: number): Set<number> => {
    const {base} = changeTable(before, [share(1), share(2), share(3), share(server)]);
    return new Set([...base.keys()].filter(bin => base[bin] === server));
  };
  const other = binsOf(5);
  const common = [...binsOf(4)].filter(bin => other.has(bin)).length;

  t.true(Math.abs(common - 16_384 / 4) < 300); // Chance: a quarter of a quarter, standard deviation 48
});

test('without servers the table is empty, and so is the fallback column', t => {
  const {base, fallback, moved} = changeTables(build([[share(1), share(2)]]), []);

  t.true(base.every(server => server === 0));
  t.true(fallback.every(server => server === 0));
  t.is(moved, binCount);
});

test('among a thousand servers the one that comes moves only its own share', t => {
  const shares = Array.from({length: 1000}, (_, index) => share(index + 1, 1 + (index % 7)));
  const before = build([shares]);
  const {moved, base} = changeTables(before, [...shares, share(1001, 4)]);

  t.is(countsOf(base)[1001], moved);
  t.is(differing(base, before.base), moved);
});

for (const receivers of [[], [1], [65_535], [1, 2, 3]]) {
  test(`the order for receivers [${receivers.join(', ')}] has every bin once`, t => {
    t.is(new Set(orderBins(receivers)).size, binCount);
  });
}

test('a table of another length is refused', t => {
  t.throws(() => changeTable(new Uint16Array(4096), []), {instanceOf: RangeError, message: /65536/});
});
