import test from 'ava';
import {printPlay, printSummary} from '../src/print.ts';
import {simulate} from '../src/simulate.ts';

const wish = {seeds: {from: 1, to: 20}, hours: 0.003, levelers: 3, keepGoing: false, jobs: 2} as const;

test('the first seed that fails is told as a play, with its last beats', async t => {
  const findings = await simulate({...wish, without: 'check-quorum'}, () => {});
  const play = printPlay(findings);

  t.is(findings.failed.length, 1);
  t.true(play.some(line => /leveler\d to leveler\d: (vote for me|would you|keep)/.test(line)));
  t.true(play.some(line => /leveler\d beats: leader in term/.test(line)));
  t.true(play.some(line => /^seed \d+ \(3 levelers\): Q1: .* deeds are enough$/.test(line)));
  t.regex(printSummary(findings), /1 failed/);
});

test('where nothing breaks there is no play', async t => {
  const findings = await simulate({...wish, seeds: {from: 1, to: 2}, levips: 0}, () => {});

  t.deepEqual(printPlay(findings), []);
  t.like(findings, {seeds: 2, failed: []});
  t.regex(printSummary(findings), /^2 seeds, 0\.0\d virtual hours, .* nothing broke/);
});

test('what is found does not depend on how many seeds run at once', async t => {
  const few = {...wish, seeds: {from: 1, to: 3}};
  const find = async (jobs: number) => {
    const {minutes, ...found} = await simulate({...few, without: 'check-quorum', keepGoing: true, jobs}, () => {});
    return found;
  };

  t.deepEqual(await find(1), await find(3));
});
