import test from 'ava';
import fc from 'fast-check';
import {readRecords, recordBytes, writeRecord} from '../src/records.ts';

const record = fc.record({number: fc.integer({min: 1, max: 1e9}), server: fc.stringMatching(/^[a-z][a-z0-9]{0,39}$/)});

test('records are read as they were written, however the bytes were cut', t => {
  fc.assert(
    fc.property(fc.array(record), fc.nat(), (records, place) => {
      const text = records.map(writeRecord).join('');
      const cut = place % (text.length + 1);
      const first = readRecords(text.slice(0, cut));
      const second = readRecords(first.rest + text.slice(cut));
      t.deepEqual([...first.records, ...second.records], records);
      t.is(second.rest, '');
    }),
  );
});

test('each is a line of 64 bytes', t => {
  const text = writeRecord({number: 7, server: 'server0'});

  t.is(text.length, recordBytes);
  t.regex(text, /^7 server0 +\n$/);
});
