import {spawn} from 'node:child_process';
import {Parser, type Result} from 'tap-parser';

export type Counts = {readonly passed: number; readonly failed: number; readonly skipped: number};

/** What a suite came to, and what each file of it took: true where one file runs at a time. */
export type Outcome = {readonly counts: Counts; readonly filesMs: ReadonlyMap<string, number>};

/** Told while a suite runs. */
export type Progress = {
  readonly ended: (counts: Counts) => void;
  readonly failed: (title: string, diagnosis: string) => void;
};

/**
 * Runs ava over some compiled test files and counts.
 *
 * A run that ends badly without a failed test (a crash, no file found) counts as one failure.
 *
 * @param words ava's own arguments: patterns and options
 */
export async function runAva(root: string, words: readonly string[], {ended, failed}: Progress): Promise<Outcome> {
  const counts = {passed: 0, failed: 0, skipped: 0};
  const filesMs = new Map<string, number>();
  let sinceMs = performance.now();
  const child = spawn(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', '--tap', ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const parser = new Parser();
  parser.on('assert', (result: Result) => {
    if (result.skip || result.todo) {
      counts.skipped++;
    } else if (result.ok) {
      counts.passed++;
    } else {
      counts.failed++;
      failed(result.name, diagnosisOf(result));
    }

    const file = fileOf(result);
    const nowMs = performance.now();
    filesMs.set(file, (filesMs.get(file) ?? 0) + nowMs - sinceMs);
    sinceMs = nowMs;
    ended(counts);
  });
  child.stdout.pipe(parser);

  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0 && counts.failed === 0) {
    counts.failed++;
    failed(`ava ${words.join(' ')}`, `ended with code ${code} though no test failed`);
  }

  return {counts, filesMs};
}

/** ava puts the file before the title. */
function fileOf({name}: Result): string {
  return name.split(' › ').slice(0, -1).join('/');
}

function diagnosisOf({diag}: Result): string {
  return typeof diag === 'object' && diag !== null ? JSON.stringify(diag, null, 2).replaceAll('\\n', '\n    ') : '';
}
