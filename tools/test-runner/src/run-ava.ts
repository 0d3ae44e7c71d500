import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {Parser, type Result} from 'tap-parser';
import {type Ended, type FileTime, livesVariable, readLives, timeFiles} from './lives.ts';

export type Counts = {readonly passed: number; readonly failed: number; readonly skipped: number};

/** What a suite has come to: while it runs, or in the end. */
export type Outcome = {
  readonly counts: Counts;
  /** Of each file that has begun, in that order. */
  readonly files: readonly FileTime[];
};

/** Told while a suite runs. */
export type Progress = {
  /** Between two calls of `tell`. */
  readonly everyMs: number;
  readonly tell: (outcome: Outcome) => void;
  readonly failed: (title: string, diagnosis: string) => void;
};

/**
 * Runs ava over some compiled test files and counts.
 *
 * A run that ends badly without a failed test (a crash, a file that hung while it was loaded, no file found) counts as one
 * failure, which names the files that had not ended.
 *
 * @param words ava's own arguments: patterns and options
 */
export async function runAva(root: string, words: readonly string[], progress: Progress): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-test-'));
  const report = join(folder, 'lives');
  writeFileSync(report, '');
  const counts = {passed: 0, failed: 0, skipped: 0};
  const ended: Ended[] = [];
  const outcome = (): Outcome => {
    const lives = readLives(readFileSync(report, 'utf8'));
    return {counts: {...counts}, files: timeFiles(lives, ended, Date.now())};
  };
  const telling = setInterval(() => progress.tell(outcome()), progress.everyMs);
  try {
    const code = await takeTap(root, words, report, (result, atMs) => {
      ended.push({name: result.name, atMs});
      counts[kindOf(result)]++;
      if (kindOf(result) === 'failed') {
        progress.failed(result.name, diagnosisOf(result));
      }
    });
    if (code !== 0 && counts.failed === 0) {
      counts.failed++;
      const open = outcome().files.flatMap(({life}) => (life.endedMs === undefined ? [life.file] : []));
      const where = open.length === 0 ? '' : `; not ended: ${open.join(', ')}`;
      progress.failed(`ava ${words.join(' ')}`, `ended with code ${code} though no test failed${where}`);
    }

    return outcome();
  } finally {
    clearInterval(telling);
    rmSync(folder, {recursive: true});
  }
}

/**
 * The parser gives a result when it has seen the line after it, which may be a minute later: when it came is noted before.
 *
 * @returns ava's exit code; null if a signal ended it
 */
async function takeTap(
  root: string,
  words: readonly string[],
  report: string,
  take: (result: Result, atMs: number) => void,
): Promise<number | null> {
  const child = spawn(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', '--tap', ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {...process.env, [livesVariable]: report},
  });
  const parser = new Parser();
  const cameMs = new Map<number, number>();
  const lines = createInterface({input: child.stdout});
  lines.on('line', line => {
    const [, id] = /^(?:not )?ok (\d+)/.exec(line) ?? [];
    if (id !== undefined) {
      cameMs.set(Number(id), Date.now());
    }

    parser.write(`${line}\n`);
  });
  lines.on('close', () => parser.end());
  parser.on('assert', result => take(result, cameMs.get(result.id) ?? Date.now()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

function kindOf({ok, skip, todo}: Result): keyof Counts {
  return skip || todo ? 'skipped' : ok ? 'passed' : 'failed';
}

function diagnosisOf({diag}: Result): string {
  return typeof diag === 'object' && diag !== null ? JSON.stringify(diag, null, 2).replaceAll('\\n', '\n    ') : '';
}
