import {count, emptyTally, readOutcomes, type Tally, writeOut} from '@tacoplex/demo';
import type {Lab} from '@tacoplex/lab';

/** Fetch a page this many times, each over a connection of its own, four at a time. */
export async function fetchPages(lab: Lab, url: string, requests: number): Promise<Tally> {
  const workers = 4;
  const each = Math.ceil(requests / workers);
  const runs = await Promise.all(
    Array.from({length: workers}, async (_, worker) =>
      lab.exec('client', [
        'curl',
        '--silent',
        ...['--header', 'Connection: close'],
        ...['--connect-timeout', '5', '--max-time', '10'],
        ...['--write-out', writeOut],
        `${url}?${worker}-[1-${each}]`,
      ]),
    ),
  );
  return runs.flatMap(({stdout}) => readOutcomes(stdout).outcomes).reduce(count, emptyTally);
}

/** Values of chi-square that a fair deal exceeds once in a thousand times, by degrees of freedom from 1 on. */
const critical = [10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32];

/** Whether counts look as if each was equally likely (chi-square test, p > 0.001). Two to eight counts. */
export function isEven(counts: readonly number[]): boolean {
  const expected = counts.reduce((sum, next) => sum + next, 0) / counts.length;
  const chiSquare = counts.reduce((sum, next) => sum + (next - expected) ** 2 / expected, 0);
  return chiSquare < (critical[counts.length - 2] ?? 0);
}
