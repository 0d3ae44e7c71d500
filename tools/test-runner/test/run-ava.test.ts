import {mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import test from 'ava';
import {runAva} from '../src/run-ava.ts';

const workspace = resolve(import.meta.dirname, '../../../..');
const reportLife = join(workspace, 'tools/test-runner/dist/src/report-life.js');

const hangs = `import test from 'ava';
setInterval(() => {}, 1000);
await new Promise(() => {});
test('never declared', t => t.pass());
`;

const passes = `import test from 'ava';
test('passes', t => t.pass());
`;

test('a file that hangs while it is loaded is one failure, and is named; another has passed', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-run-ava-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  symlinkSync(join(workspace, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'hangs.test.js'), hangs);
  writeFileSync(join(folder, 'passes.test.js'), passes);
  writeFileSync(
    join(folder, 'ava.config.js'),
    `export default {require: [${JSON.stringify(reportLife)}], workerThreads: false, timeout: '3s', cache: false};`,
  );
  const said: string[] = [];

  const {counts, files} = await runAva(folder, ['--concurrency=1'], {
    everyMs: 1000,
    tell: () => {},
    failed: (title, diagnosis) => said.push(title, diagnosis),
  });

  t.deepEqual(counts, {passed: 1, failed: 1, skipped: 0});
  t.true(said.join('\n').includes(`not ended: ${join(folder, 'hangs.test.js')}`), said.join('\n'));
  t.deepEqual(
    files.map(({tests}) => tests.length),
    [0, 1],
  );
});
