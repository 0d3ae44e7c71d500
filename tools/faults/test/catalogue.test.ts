import {readFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import test from 'ava';
import {casesOfTests, catalogue} from '../src/index.ts';

const root = resolve(import.meta.dirname, '../../../..');
const cases = catalogue.flatMap(fault => fault.cases.map(one => ({...one, row: fault.row, fault})));

test('what proves a case that tests leave out is there: a test of that title, or a case that tests play', t => {
  for (const {row, name, provenBy} of cases) {
    for (const proof of provenBy ?? []) {
      const isThere =
        'file' in proof
          ? readFileSync(join(root, proof.file), 'utf8').includes(proof.title)
          : cases.some(other => other.row === proof.row && other.name === proof.case && other.provenBy === undefined);
      t.true(isThere, `row ${row}, ${name}: ${JSON.stringify(proof)}`);
    }
  }
});

test('every row has a case that tests play, or that tests of their own prove', t => {
  for (const row of new Set(catalogue.map(fault => fault.row))) {
    const isPlayed = catalogue.some(fault => fault.row === row && casesOfTests(fault).length > 0);
    const isProven = cases.some(
      one => one.row === row && one.provenBy !== undefined && one.provenBy.every(proof => 'file' in proof),
    );
    t.true(isPlayed || isProven, String(row));
  }
});
