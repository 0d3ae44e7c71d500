import {ConfigError} from '@tacoplex/errors';
import test from 'ava';
import fc from 'fast-check';
import {type CaseFigures, failoverBench, planRuns} from '../src/failover-bench.ts';
import {keepalivedConf} from '../src/failover-keepalived.ts';
import {examine, type ProbeLog} from '../src/failover-silence.ts';

const always = {fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY};

/** Probes at these times, of which some are answered a quarter of a millisecond later. */
const logOf = (sentMs: readonly number[], isAnswered: (ms: number) => boolean): ProbeLog => ({
  sentMs,
  answeredMs: sentMs.map(ms => (isAnswered(ms) ? ms + 0.25 : 0)),
  count: sentMs.length,
});
const eachMs = (from: number, to: number): number[] => Array.from({length: to - from}, (_, index) => from + index);

test('a gap is from the last answered probe before it to the first after it', t => {
  const log = logOf(eachMs(1, 1000), ms => ms < 300 || ms > 450);

  t.deepEqual(examine(log, always), {gapMs: 152, answeredMs: 451, stalledMs: 0, sent: 999, lost: 151, slowestMs: 0.25});
});

test('time in which the prober itself could not send is no gap, and is told apart', t => {
  const log = logOf([...eachMs(1, 300), ...eachMs(340, 600)], ms => ms < 299 || ms > 350);

  const {gapMs, stalledMs} = examine(log, always);

  t.is(stalledMs, 40);
  t.is(gapMs, 351 - 298 - 40);
});

test('a stall alone is no gap of more than a probe', t => {
  const log = logOf([...eachMs(1, 300), ...eachMs(900, 1000)], () => true);

  t.is(examine(log, always).gapMs, 1);
});

test('a gap that begins before the span or ends after it is measured whole', t => {
  const log = logOf(eachMs(1, 1000), ms => ms < 300 || ms > 450);

  for (const span of [
    {fromMs: 400, toMs: 420},
    {fromMs: 440, toMs: 900},
    {fromMs: 100, toMs: 310},
  ]) {
    t.is(examine(log, span).gapMs, 152);
  }
});

test('whatever is lost, the longest gap spans the most probes lost in a row', t => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), {minLength: 3, maxLength: 200}), answered => {
      const flags = [true, ...answered, true];
      const log = logOf(eachMs(1, flags.length + 1), ms => flags[ms - 1] === true);
      const runs =
        flags
          .map(flag => (flag ? '.' : 'x'))
          .join('')
          .match(/x+/g) ?? [];
      const most = Math.max(0, ...runs.map(run => run.length));

      const {gapMs, lost} = examine(log, always);

      t.is(gapMs, most + 1);
      t.is(lost, flags.filter(flag => !flag).length);
    }),
  );
});

test('a quick bench has power cuts and keepalived; cases and runs can be chosen', t => {
  const plan = (quick: boolean, own: Record<string, string>): string[] =>
    planRuns({quick, own}).map(({chosen, runs}) => `${chosen.name} ${runs}`);

  t.true(plan(true, {}).includes('power-cut 2'));
  t.true(plan(true, {}).includes('keepalived-100ms 2'));
  t.true(plan(false, {}).includes('power-cut-two 20'));
  t.deepEqual(plan(false, {cases: 'leave,power-cut', runs: '3'}), ['power-cut 3', 'leave 3']);
  t.deepEqual(plan(true, {cases: 'keepalived-50ms'}), ['keepalived-50ms 1']);
});

test('a case that there is not, and runs that are no number, are refused', t => {
  t.throws(() => planRuns({quick: false, own: {cases: 'power-cut,lunch'}}), {
    instanceOf: ConfigError,
    message: /no case "lunch"; there are: power-cut /,
  });
  t.throws(() => planRuns({quick: false, own: {runs: '0'}}), {message: /a whole number 1\.\.9999, not "0"/});
});

test('targets: power cuts by their silence, planned ends by what was lost, keepalived not at all', t => {
  const figures = (changes: Partial<CaseFigures>): CaseFigures => ({
    gapMs: [1],
    median: 1,
    p99: 1,
    worst: 1,
    lost: [0],
    stalledMs: [0],
    slowestMs: [1],
    victims: ['leveler0'],
    stagesMs: [],
    leaderAgainMs: [],
    ...changes,
  });
  const missed = failoverBench
    .targets({
      seed: 1,
      keepalived: 'v2',
      cases: {
        'power-cut': figures({median: 151, worst: 299}),
        'leader-killed': figures({leaderAgainMs: [200, 301]}),
        leave: figures({lost: [0, 1]}),
        'restart-elector': figures({}),
        'keepalived-default': figures({median: 3000, worst: 3600, lost: [3000]}),
      },
    })
    .filter(({met}) => !met)
    .map(({what}) => what);

  t.deepEqual(missed, [
    'power-cut: median <= 150 ms',
    'leader-killed: leader again, worst <= 300 ms',
    'leave: no packet lost',
  ]);
});

test('keepalived holds both shared addresses, speaks version 3, and advertises as often as asked', t => {
  const conf = keepalivedConf('leveler0', 50);

  t.regex(conf, /vrrp_version 3/);
  t.regex(conf, /advert_int 0\.05\n/);
  t.regex(conf, /10\.0\.0\.200\/24 dev a0\n {4}10\.0\.1\.254\/24 dev b0/);
});
