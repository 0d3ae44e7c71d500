import {mkdtempSync, readFileSync, renameSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {collectLog} from '@tacoplex/testkit';
import test from 'ava';
import {AuditLog} from '../src/audit.ts';

const entry = {uid: 1000, command: 'add key', from: '3.6', to: '3.7'};
const at = () => new Date(0);

test('each command is one line of JSON, in the order given, and the file may be renamed between', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-audit-'));
  const file = join(folder, 'audit.log');
  const audit = new AuditLog(folder, collectLog('admin-broker').log, at);

  audit.write(entry);
  audit.write({...entry, command: 'retire key\nforged', refused: 'there is no key but the current one'});
  await audit.close();
  renameSync(file, `${file}.1`);
  audit.write(entry);
  await audit.close();

  const lines = readFileSync(`${file}.1`, 'utf8').split('\n');
  t.is(lines.length, 3);
  t.deepEqual(JSON.parse(lines[0] ?? ''), {time: '1970-01-01T00:00:00.000Z', ...entry});
  t.like(JSON.parse(lines[1] ?? ''), {refused: 'there is no key but the current one'});
  t.is(readFileSync(file, 'utf8').split('\n').length, 2);
  t.is(statSync(file).mode & 0o007, 0);
});

test('a log that cannot be written is told, and the next command is written all the same', async t => {
  const {log, lines} = collectLog('admin-broker');
  const audit = new AuditLog('/nowhere', log, at);

  audit.write(entry);
  await audit.close();

  t.regex(lines[0] ?? '', /error: audit log fails file=\/nowhere\/audit.log reason=ENOENT/);
});
