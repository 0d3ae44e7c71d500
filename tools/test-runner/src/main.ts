/**
 * test-runner - run every test of the workspace and say in the last line how many passed.
 *
 * usage: npm test [-- unit|e2e] [--times] [PATTERN...]
 *
 * unit runs anywhere; e2e makes network namespaces, and needs root. Both run two files at a time.
 * A PATTERN chooses compiled test files, such as 'packages/bus/dist/test/*.test.js'. --times prints what each file took,
 * and each test of more than a second. Where it is, is said on stderr: each 30 s, on a terminal all the time.
 */
import {resolve} from 'node:path';
import {findLeftovers} from './leftovers.ts';
import {type Outcome, runAva} from './run-ava.ts';
import {sayCounts, sayLongest, sayProgress, sayTimes, seconds, sumCpuMs} from './sentences.ts';

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
    '--concurrency=2',
    'packages/*/dist/test/**/*.e2e.test.js',
    'packages/*/dist/test/**/*.kernel.test.js',
    'tools/*/dist/test/**/*.e2e.test.js',
    'e2e/dist/**/*.e2e.test.js',
  ],
} as const;

const words = process.argv.slice(2).filter(word => word !== '--times');
const doesPrintTimes = process.argv.includes('--times');
const names = (Object.keys(suites) as (keyof typeof suites)[]).filter(
  name => words.length === 0 || words.includes(name),
);
const patterns = words.filter(word => !(word in suites));
const runs: readonly (readonly [string, readonly string[]])[] =
  patterns.length > 0 ? [['chosen', ['--concurrency=1', ...patterns]]] : names.map(name => [name, suites[name]]);

/** The compiler does not take away what it made of a test that is gone. */
const leftovers = findLeftovers(root).map(path => `!${path}`);

const total = {passed: 0, failed: 0, skipped: 0};
for (const [name, avaWords] of runs) {
  const began = performance.now();
  const elapsed = (): number => performance.now() - began;
  const {isTTY} = process.stderr;
  const {counts, files} = await runAva(root, [...avaWords, ...leftovers], {
    everyMs: isTTY ? 1000 : 30_000,
    tell: outcome => tell(`${name}, ${seconds(elapsed())}: ${sayProgress(root, outcome, isAlive)}`),
    failed: (title, diagnosis) => console.log(`\nFAILED ${title}\n    ${diagnosis}\n`),
  });
  if (isTTY) {
    process.stderr.write('\r\u001b[K');
  }

  console.log(`${name}: ${sayCounts(counts)} in ${(elapsed() / 1000).toFixed(1)} s`);
  printFiles(files);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}

console.log(sayCounts(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function tell(text: string): void {
  const line = text.slice(0, process.stderr.columns);
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${text}\n`);
}

function printFiles(files: Outcome['files']): void {
  if (doesPrintTimes) {
    console.log(`${sayTimes(root, files)}\ntest processes used ${seconds(sumCpuMs(files))} of processor time`);
  } else if (files.length > 1) {
    console.log(`longest: ${sayLongest(root, files)}`);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
