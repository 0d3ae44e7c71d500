import test from 'ava';
import {catalogue, crewOf, formatVerdict, judge, type Verdict} from '../src/index.ts';
import type {Measured} from '../src/measured.ts';

const measured = (changes: Partial<Measured> = {}): Measured => ({
  connections: {records: 1000, resets: 0, wrong: 0, stalls: 0, longestStallMs: 20, slowestOpeningMs: 2, stuck: 0},
  requests: {sent: 100, failed: 0, perCause: {}},
  silenceMs: 12,
  elections: 0,
  hasSameTable: true,
  findings: [],
  figures: {},
  ...changes,
});

const connections = (changes: Partial<Measured['connections']>): Partial<Measured> => ({
  connections: {...measured().connections, ...changes},
});

const all: readonly Verdict[] = [{kind: 'Z'}, {kind: 'N'}, {kind: 'R'}, {kind: 'G', gapMs: 300}];

for (const verdict of all) {
  test(`${formatVerdict(verdict)}: nothing happened, and it is green`, t => {
    t.deepEqual(judge(verdict, measured(), true), []);
  });

  for (const [changes, fault] of [
    [connections({resets: 2}), '2 connections reset'],
    [connections({wrong: 1}), '1 records out of order or from another server'],
    [connections({stuck: 3}), '3 connections stuck at the end'],
    [connections({records: 0}), 'no record came at all'],
    [{hasSameTable: false}, 'bins moved'],
    [{findings: [{claim: 'one leader', holds: false}]}, 'not so: one leader'],
  ] as const) {
    test(`${formatVerdict(verdict)}: not green, and so it is where time does not count: ${fault}`, t => {
      t.deepEqual(judge(verdict, measured(changes), true), [fault]);
      t.deepEqual(judge(verdict, measured(changes), false), [fault]);
    });
  }
}

test('G: a silence as long as allowed is green, a longer one is not, unless time does not count', t => {
  const verdict: Verdict = {kind: 'G', gapMs: 300};

  t.deepEqual(judge(verdict, measured({silenceMs: 300}), true), []);
  t.deepEqual(judge(verdict, measured({silenceMs: 301}), true), ['silent for 301 ms']);
  t.deepEqual(judge(verdict, measured({silenceMs: 9000}), false), []);
});

test('Z and N: a failed request is told with its cause; G and R let it pass', t => {
  const failed = measured({requests: {sent: 9, failed: 2, perCause: {ECONNRESET: 2}}});

  t.deepEqual(judge({kind: 'Z'}, failed, true), ['2 requests failed (2 ECONNRESET)']);
  t.deepEqual(judge({kind: 'N'}, failed, true), ['2 requests failed (2 ECONNRESET)']);
  t.deepEqual(judge({kind: 'G', gapMs: 300}, failed, true), []);
  t.deepEqual(judge({kind: 'R'}, failed, true), []);
});

test('N alone forbids an election, where time counts', t => {
  const elected = measured({elections: 1});

  t.deepEqual(
    all.map(verdict => judge(verdict, elected, true).length),
    [0, 1, 0, 0],
  );
  t.deepEqual(
    all.flatMap(verdict => judge(verdict, elected, false)),
    [],
  );
});

test('stalls count where time does, but not for R', t => {
  const stalled = measured(connections({stalls: 4}));

  t.deepEqual(
    all.map(verdict => judge(verdict, stalled, true).length),
    [1, 1, 0, 1],
  );
  t.deepEqual(
    all.map(verdict => judge(verdict, stalled, false).length),
    [0, 0, 0, 0],
  );
});

test('a connection that opens after one SYN more passes G, and no other that counts time but R', t => {
  const late = (slowestOpeningMs: number): Measured => measured(connections({slowestOpeningMs}));
  const faultsOf = (ms: number, isTimed: boolean): number[] =>
    all.map(verdict => judge(verdict, late(ms), isTimed).length);

  t.deepEqual(faultsOf(1030, true), [1, 1, 0, 0]);
  t.deepEqual(faultsOf(3050, true), [1, 1, 0, 1]);
  t.deepEqual(judge({kind: 'G', gapMs: 300}, late(3050), true), ['a connection took 3050 ms to open']);
  t.deepEqual(faultsOf(3050, false), [0, 0, 0, 0]);
});

test('G of a second or more lets records wait', t => {
  t.deepEqual(judge({kind: 'G', gapMs: 3000}, measured({...connections({stalls: 4}), silenceMs: 2900}), true), []);
});

test('a claim about elapsed time counts only where time does', t => {
  const late = measured({findings: [{claim: 'back within 2000 ms', holds: false, isTimed: true}]});

  t.deepEqual(judge({kind: 'Z'}, late, true), ['not so: back within 2000 ms']);
  t.deepEqual(judge({kind: 'Z'}, late, false), []);
});

test('the catalogue has each row once for each crew, in order', t => {
  const rows = catalogue.map(({row}) => row);
  const plays = catalogue.map(fault => `${fault.row} by ${crewOf(fault)}`);

  t.deepEqual(
    rows,
    rows.toSorted((one, other) => one - other),
  );
  t.is(new Set(plays).size, plays.length);
});
