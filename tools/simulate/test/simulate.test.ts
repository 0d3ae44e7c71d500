import test from 'ava';
import {printPlay, printSummary} from '../src/print.ts';
import {simulate} from '../src/simulate.ts';

const wish = {seeds: {from: 1, to: 20}, hours: 0.003, levelers: 3, keepGoing: false} as const;

test('the first seed that fails is told as a play, with its last beats', t => {
  const findings = simulate({...wish, without: 'check-quorum'}, () => {});
  const play = printPlay(findings);

  t.is(findings.failed.length, 1);
  t.true(play.some(line => /leveler\d to leveler\d: (vote for me|would you|keep)/.test(line)));
  t.true(play.some(line => /leveler\d beats: leader in term/.test(line)));
  t.true(play.some(line => /^seed \d+ \(3 levelers\): Q1: .* deeds are enough$/.test(line)));
  t.regex(printSummary(findings), /1 failed/);
});

test('where nothing breaks there is no play', t => {
  const findings = simulate({...wish, seeds: {from: 1, to: 2}, levips: 0}, () => {});

  t.deepEqual(printPlay(findings), []);
  t.like(findings, {seeds: 2, failed: []});
  t.regex(printSummary(findings), /^2 seeds, 0\.0\d virtual hours, .* nothing broke/);
});
