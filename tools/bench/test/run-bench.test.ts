import test from 'ava';
import type {Bench} from '../src/bench.ts';
import {runBench} from '../src/run-bench.ts';
import {quantile, summarize} from '../src/statistics.ts';
import {type TableFigures, tableBench} from '../src/table-bench.ts';

const wish = {json: true, quick: true, check: true, own: {}};

function collect(isWatched = false) {
  const [out, error]: [string[], string[]] = [[], []];
  return {
    out,
    error,
    streams: {out: (text: string) => out.push(text), error: (text: string) => error.push(text), isWatched},
  };
}

function benchThat(met: boolean): Bench {
  return {
    name: 'nap',
    summary: 'nothing',
    run: async ({progress}) => {
      progress(1, 2, 'naps');
      progress(2, 2, 'naps');
      return {naps: 2};
    },
    print: () => 'two naps',
    targets: () => [{what: 'naps', value: 2, met}],
  };
}

test('the document is one line with the figures and where they come from', async t => {
  const {out, error, streams} = collect();

  t.is(await runBench(benchThat(true), wish, streams), 0);
  t.deepEqual(error, []);
  t.is(out.join('').trimEnd().split('\n').length, 1);
  t.like(JSON.parse(out.join('')), {bench: 'nap', naps: 2, versions: {node: process.version}});
});

test('a missed target fails only when targets are checked', async t => {
  const {error, streams} = collect();

  t.is(await runBench(benchThat(false), {...wish, check: false}, streams), 0);
  t.deepEqual(error, []);
  t.is(await runBench(benchThat(false), wish, streams), 1);
  t.deepEqual(error, ['bench nap: missed: naps, but 2\n']);
});

test('progress is shown to whoever looks, and wiped away', async t => {
  const {error, out, streams} = collect(true);
  await runBench(benchThat(true), {...wish, json: false}, streams);

  t.deepEqual(error, ['\r\u001B[Knap: 1 of 2 naps', '\r\u001B[K']);
  t.true(out.join('').startsWith('two naps\n\nnaps  met (2)\n'));
});

test('the table bench finds the fewest moves and exact shares', async t => {
  const figures = (await tableBench.run({quick: true, own: {}, progress: () => {}})) as TableFigures;

  t.is(figures.movedOverMinimum, 1);
  t.true(figures.maxShareErrorBins <= 1);
  t.is(figures.changeMs.samples.length, figures.changes);
});

test('a quantile is a sample', t => {
  t.is(quantile([1, 2, 3, 4], 0.5), 2);
  t.is(quantile([1, 2, 3, 4], 0.99), 4);
  t.is(summarize([3, 1, 2]).median, 2);
  t.throws(() => quantile([], 0.5), {instanceOf: RangeError});
});
