import test from 'ava';
import fc from 'fast-check';
import {findNetFaults} from '../src/net-faults.ts';
import {printHearing} from '../src/print-hearing.ts';
import type {LevelerDocument} from '../src/schemas.ts';
import {plainStyle} from '../src/text.ts';

type On = LevelerDocument['hears'][number]['on'];
type Rows = Readonly<Record<string, readonly On[]>>;

const leveler = (name: string, id: number, hears: LevelerDocument['hears']): LevelerDocument => ({
  id,
  name,
  addressA: null,
  address: null,
  self: id === 1,
  member: true,
  state: 'live',
  role: 'follower',
  version: '3.7',
  digest: null,
  holds: [],
  silenceMs: 10,
  reachesA: true,
  reachesB: true,
  routersReached: 1,
  serversReached: 2,
  tried: null,
  carries: null,
  diskFault: null,
  hears,
  software: null,
  configDigest: null,
  keys: null,
});

/** Each row: what that leveler hears of all, itself included and ignored. */
const cluster = (rows: Rows): LevelerDocument[] => {
  const names = Object.keys(rows);
  return names.map((name, row) =>
    leveler(
      name,
      row + 1,
      names.flatMap((other, column) => (other === name ? [] : [{leveler: other, on: rows[name]?.[column] ?? null}])),
    ),
  );
};

const told = (rows: Rows): string[] => findNetFaults(cluster(rows)).map(({what}) => what);

test('where all hear each other on both nets nothing is wrong', t => {
  t.deepEqual(told({a: [null, 'both'], b: ['both', null]}), []);
});

test('a leveler whose net is cut is named, not each of its pairs', t => {
  t.deepEqual(
    told({
      a: [null, 'both', 'a'],
      b: ['both', null, 'a'],
      c: ['a', 'a', null],
    }),
    ['leveler c hears nobody on net B, and nobody hears it there'],
  );
});

test('a net that carries nothing is told once', t => {
  t.deepEqual(
    told({
      a: [null, 'b', 'b'],
      b: ['b', null, 'b'],
      c: ['b', 'b', null],
    }),
    ['nobody hears anybody on net A'],
  );
});

test('one way and both ways between two are told apart', t => {
  t.deepEqual(
    told({
      a: [null, 'a', 'both'],
      b: ['both', null, 'both'],
      c: ['both', 'both', null],
    }),
    ['leveler a does not hear b on net B, though b hears it'],
  );
  t.deepEqual(
    told({
      a: [null, 'a', 'both'],
      b: ['a', null, 'both'],
      c: ['both', 'both', null],
    }),
    ['levelers a and b do not hear each other on net B'],
  );
});

test('what is not known is no fault', t => {
  t.deepEqual(told({a: [null, null], b: ['both', null]}), []);
});

test('some fault is told exactly when somebody is known not to hear another on some net', t => {
  const ons = fc.constantFrom<On>('both', 'both', 'both', 'a', 'b', 'none', null);
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.integer({min: 2, max: 7}), fc.infiniteStream(ons), (size, draws) => {
        const names = Array.from({length: size}, (_, index) => `leveler${index}`);
        const rows = Object.fromEntries(names.map(name => [name, names.map(() => draws.next().value as On)]));
        const levelers = cluster(rows);
        const isCut = levelers.some(({hears}) => hears.some(({on}) => on !== 'both' && on !== null));

        const faults = findNetFaults(levelers);

        return faults.length > 0 === isCut && faults.every(({advice}) => advice.length > 10);
      }),
      {numRuns: 500},
    ),
  );
});

test('the matrix has a row and a column for each', t => {
  t.is(
    printHearing(
      cluster({leveler0: [null, 'both', 'none'], leveler1: ['b', null, 'a'], leveler2: [null, null, null]}),
      plainStyle,
    ),
    `Who hears whom: rows hear columns, by ID, on nets A and B
  HEARS     1   2  3
  leveler0  .  AB  -
  leveler1  B   .  A
  leveler2  ?   ?  .`,
  );
});

test('of more levelers than a screen holds, the pairs are counted', t => {
  const names = Array.from({length: 17}, (_, index) => `leveler${index}`);
  const rows = Object.fromEntries(names.map(name => [name, names.map((): On => 'both')]));

  t.is(
    printHearing(cluster(rows), plainStyle),
    'Who hears whom\n  272 of 272 pairs of levelers hear each other on both nets',
  );
});
