import test from 'ava';
import {longestSilence} from '../src/probe.ts';
import type {Observed} from '../src/story.ts';
import {count, emptyTally, readOutcomes} from '../src/tally.ts';
import {judge} from '../src/verdict.ts';

test('what curl printed is read request by request, however it was cut', t => {
  const text =
    'server1\n\n= 200 0 \nserver0\n\n= 200 0 \n\n= 000 28 Connection timed out after 3001 milliseconds\n<html>\n= 404 0 \n';

  for (let cut = 0; cut <= text.length; cut++) {
    const first = readOutcomes(text.slice(0, cut));
    const second = readOutcomes(first.rest + text.slice(cut));
    t.deepEqual(
      [...first.outcomes, ...second.outcomes],
      [{server: 'server1'}, {server: 'server0'}, {cause: 'Connection timed out'}, {cause: 'HTTP status 404'}],
    );
    t.is(second.rest, '');
  }
});

test('a tally counts servers and causes', t => {
  const tally = [{server: 'a'}, {server: 'a'}, {cause: 'refused'}].reduce(count, emptyTally);

  t.deepEqual(tally, {sent: 3, failed: 1, perServer: {a: 2}, perCause: {refused: 1}});
});

test('a silence counts for the span it falls into', t => {
  const silences = [
    {from: 10, to: 90},
    {from: 200, to: 220},
  ];

  t.is(longestSilence(silences, 50, 300), 80);
  t.is(longestSilence(silences, 100, 300), 20);
  t.is(longestSilence(silences, 300, 400), 0);
});

const observed = (changes: Partial<Observed> = {}): Observed => ({
  engine: 'cap',
  tally: {sent: 1000, failed: 10, perServer: {server0: 490, server1: 500}, perCause: {refused: 10}},
  servers: ['server0', 'server1'],
  crash: {holder: 'leveler0', successor: 'leveler1', gapMs: 140, returned: true},
  changeGapMs: 0,
  probe: {sent: 10_000, received: 9800},
  steps: [],
  ...changes,
});

test('a good story is ok', t => {
  t.true(judge(observed(), 30).demo.ok);
});

for (const [what, changes] of [
  ['a server that served nothing', {servers: ['server0', 'server1', 'server2']}],
  ['more than one failed request of a hundred', {tally: {...observed().tally, failed: 11}}],
  ['nobody taking over', {crash: {...observed().crash, successor: 'leveler0'}}],
  ['a probe that saw nothing', {crash: {...observed().crash, gapMs: 0}}],
] as const) {
  test(`${what} is not ok, and said so`, t => {
    const {demo} = judge(observed(changes), 30);

    t.false(demo.ok);
    t.is(demo.faults.length, 1);
  });
}
