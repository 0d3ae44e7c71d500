import {decodeAnswer, encodeReply} from '@tacoplex/messages';
import test from 'ava';
import {printTable} from '../src/print-table.ts';
import {schemas} from '../src/schemas.ts';
import {describeTable} from '../src/table-document.ts';
import {plainStyle} from '../src/text.ts';
import {ip, version} from './sample-status.ts';

/** Server 1 has bins 0-15 and 48-63 of 64, server 2 bins 16-31, nobody the rest. */
const answer = () => {
  const base = new Uint8Array(128);
  for (let bin = 0; bin < 64; bin++) {
    base[2 * bin] = bin < 16 || bin >= 48 ? 1 : bin < 32 ? 2 : 0;
  }

  const table = {
    version: version(7),
    groups: [{number: 0, name: 'default', base}],
    servers: [
      {number: 1, name: 's1', address: ip('10.0.1.101'), weight: 3},
      {number: 2, name: 's2', address: ip('10.0.1.102'), weight: 1},
      {number: 3, name: 's3', address: ip('10.0.1.103'), weight: 4, state: 1},
    ],
  };
  return decodeAnswer('admin.ask', encodeReply('admin.ask', {table})).table!;
};

test("the table tells each server's share beside the one it should have", t => {
  const document = describeTable(answer(), false);

  t.notThrows(() => schemas['taco-table-show'].parse(document));
  t.is(
    printTable(document, plainStyle),
    `Version 3.7

Group default, 64 bins
  SERVER  ADDRESS     WEIGHT  BINS     SHARE  CONFIGURED
  s1      10.0.1.101       3    32  50.000 %    75.000 %
  s2      10.0.1.102       1    16  25.000 %    25.000 %
  s3      10.0.1.103       4     0   0.000 %     0.000 %
  16 bins have no server`,
  );
});

test('with --bins every run of bins is told, and together they are the table', t => {
  const document = describeTable(answer(), true);

  t.notThrows(() => schemas['taco-table-show'].parse(document));
  t.deepEqual(document.groups[0]?.ranges, [
    {first: 0, last: 15, server: 's1'},
    {first: 16, last: 31, server: 's2'},
    {first: 32, last: 47, server: null},
    {first: 48, last: 63, server: 's1'},
  ]);
  t.true(printTable(document, plainStyle).endsWith('  48-63     16  s1'));
});

test('a cluster without groups has an empty table', t => {
  const {table} = decodeAnswer('admin.ask', encodeReply('admin.ask', {table: {version: version(1)}}));

  t.is(printTable(describeTable(table!, true), plainStyle), 'Version 3.1\n\nNo groups.');
});
