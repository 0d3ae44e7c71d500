/**
 * test-runner - run every test of the workspace and say in the last line how many passed.
 *
 * usage: npm test [-- unit|e2e] [PATTERN...]
 *
 * unit runs anywhere, two files at a time; e2e makes network namespaces, one file at a time, and needs root.
 * A PATTERN chooses compiled test files, such as 'packages/bus/dist/test/*.test.js'.
 */
import {resolve} from 'node:path';
import {type Counts, type Outcome, runAva} from './run-ava.ts';

const root = resolve(import.meta.dirname, '../../../..');
const everything = ['packages/*/dist/test/**/*.test.js', 'tools/*/dist/test/**/*.test.js', 'e2e/dist/**/*.test.js'];
const onStage = ['**/*.e2e.test.js', '**/*.kernel.test.js'];

const suites = {
  unit: [
    '--concurrency=2',
    ...everything.filter(pattern => !pattern.startsWith('e2e/')),
    ...onStage.map(no => `!${no}`),
  ],
  e2e: [
    '--concurrency=1',
    'packages/*/dist/test/**/*.e2e.test.js',
    'packages/*/dist/test/**/*.kernel.test.js',
    'tools/*/dist/test/**/*.e2e.test.js',
    'e2e/dist/**/*.e2e.test.js',
  ],
} as const;

/** Of the files that take longest so many are named. */
const longestCount = 12;

const words = process.argv.slice(2);
const names = (Object.keys(suites) as (keyof typeof suites)[]).filter(
  name => words.length === 0 || words.includes(name),
);
const patterns = words.filter(word => !(word in suites));
const runs: readonly (readonly [string, readonly string[]])[] =
  patterns.length > 0 ? [['chosen', ['--concurrency=1', ...patterns]]] : names.map(name => [name, suites[name]]);

const total = {passed: 0, failed: 0, skipped: 0};
for (const [name, avaWords] of runs) {
  const began = performance.now();
  const {counts, filesMs} = await runAva(root, avaWords, {
    ended: ({passed, failed}) => {
      if (process.stderr.isTTY) {
        process.stderr.write(`\r${name}: ${passed} passed, ${failed} failed `);
      }
    },
    failed: (title, diagnosis) => console.log(`\nFAILED ${title}\n    ${diagnosis}\n`),
  });
  if (process.stderr.isTTY) {
    process.stderr.write('\r\u001b[K');
  }

  console.log(`${name}: ${sentence(counts)} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (avaWords.includes('--concurrency=1') && filesMs.size > 1) {
    console.log(`longest: ${longest(filesMs)}`);
  }

  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}

console.log(sentence(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function longest(filesMs: Outcome['filesMs']): string {
  const files = [...filesMs].sort(([, one], [, other]) => other - one).slice(0, longestCount);
  return files.map(([file, ms]) => `${file} ${(ms / 1000).toFixed(0)} s`).join(', ');
}

function sentence({passed, failed, skipped}: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
