import {spawnSync} from 'node:child_process';
import {resolve} from 'node:path';
import test from 'ava';
import {catalogue, nameOf} from '../src/catalogue.ts';
import {findUnreached, judge} from '../src/judge.ts';
import {readBroken, readReport} from '../src/read-report.ts';
import type {Result} from '../src/run-case.ts';
import {runModels} from '../src/run-models.ts';

const root = resolve(import.meta.dirname, '../../../..');
const isInstalled = ['spin', 'gcc'].every(command => spawnSync(command, ['--version']).error === undefined);
const withSpin = isInstalled ? test : test.skip; // Debian packages spin and gcc: bash tools/setup.sh installs them

const stats = (errors: number, text = '') =>
  `${text}State-vector 68 byte, depth reached 8299, errors: ${errors}\n   106765 states, stored\n`;
const result = (out: string, broken?: string): Result => ({name: 'm', report: readReport(out), broken, seconds: 1});
const [sound, broken] = ['holds', 'fails'].map(expects => catalogue.find(one => one.expects === expects)!);

withSpin('every model holds to its last state, and breaks where a rule is switched off', async t => {
  t.timeout(900_000);

  const {searches, unreached} = await runModels({root, full: false, only: '', record: false, progress: () => {}});

  t.deepEqual(
    searches.filter(({fault}) => fault !== undefined).map(({name, fault}) => `${name}: ${fault}`),
    [],
  );
  t.deepEqual(Object.values(unreached).flat(), []);
});

test('every search has a name of its own', t => {
  t.is(new Set(catalogue.map(nameOf)).size, catalogue.length);
});

test('a complete search counts if it visits as many states as recorded', t => {
  t.is(judge(sound!, result(stats(0)), {m: 106_765}), undefined);
  t.is(judge(sound!, result(stats(0)), {m: 106_764}), '106765 states, but 106764 are recorded');
  t.is(judge(sound!, result(stats(0)), {}), '106765 states, but none are recorded');
});

test('a search that came to a limit is not complete', t => {
  for (const limit of ['error: max search depth too small\n', 'Warning: Search not completed\n']) {
    t.regex(judge(sound!, result(stats(0, limit)), {m: 106_765}) ?? '', /^not complete/);
  }

  t.is(judge(sound!, result('pan: out of memory'), {}), 'not over after 300 s');
});

test('a broken variant counts if the expected invariant breaks, and only then', t => {
  const [name = ''] = broken!.breaks;

  t.is(judge(broken!, result(stats(1), name), {}), undefined);
  t.regex(judge(broken!, result(stats(1), 'X9'), {}) ?? '', /not X9$/);
  t.regex(judge(broken!, result(stats(0)), {}) ?? '', /and does not$/);
});

test('an invariant is named by the comment at its assertion', t => {
  const source = 'one\nassert(a ||\n  b)   /* E2 */\nassert(c)   /* E1 */\n';

  t.is(readBroken('spin: model.pml:2, Error: assertion violated', source), 'E2');
  t.is(readBroken('spin: model.pml:4, Error: assertion violated', source), 'E1');
  t.is(readBroken('spin: trail ends', source), undefined);
});

test('a statement is unreached if no complete search reaches it', t => {
  const unreached = (...lines: string[]) => result(stats(0) + lines.map(line => `\tm.pml:${line}\n`).join(''));

  t.deepEqual(
    findUnreached([
      unreached('7, state 3, "x = 1"', '9, state 4, "-end-"', '8, state 5, "y = 1"'),
      unreached('7, state 3, "x = 1"', '8, state 6, "y = 1"'),
      result(stats(1)),
    ]),
    ['7 (3): x = 1'],
  );
});
