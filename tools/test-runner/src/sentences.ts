import {relative} from 'node:path';
import type {FileTime} from './lives.ts';
import type {Counts, Outcome} from './run-ava.ts';

/** Of the files that take longest so many are named. */
const longestCount = 12;

/** Tests that take less are not worth a line. */
const worthTellingMs = 1000;

/** `12 passed, 0 failed`, and how many were skipped, if any. */
export function sayCounts({passed, failed, skipped}: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * Where a suite is: its counts, the files that run, and for how long, so that one that hangs is seen.
 *
 * @param isAlive whether a process lives still: one that was killed did not say that it ended
 */
export function sayProgress(root: string, {counts, files}: Outcome, isAlive: (pid: number) => boolean): string {
  const running = files.filter(({life}) => life.endedMs === undefined && isAlive(life.pid));
  const words = running.map(
    ({life, ms, tests}) => `${relative(root, life.file)} (${seconds(ms)}, ${tests.length} of its tests ended)`,
  );
  return [`${sayCounts(counts)}, ${files.length} files begun`, ...words].join('; ');
}

/** The files that took longest. */
export function sayLongest(root: string, files: readonly FileTime[]): string {
  const longest = longestFirst(files).slice(0, longestCount);
  return longest.map(({life, ms}) => `${relative(root, life.file)} ${seconds(ms)}`).join(', ');
}

/** Each file with its time and its own processor time, the longest first, and below it its longest tests in their order. */
export function sayTimes(root: string, files: readonly FileTime[]): string {
  return longestFirst(files)
    .flatMap(({life, ms, tests}) => [
      `${column(ms)} ${column(life.cpuMs ?? Number.NaN)} CPU  ${relative(root, life.file)}`,
      ...tests
        .filter(test => test.ms >= worthTellingMs)
        .map(test => `${column(test.ms)}${' '.repeat(17)}${test.title}`),
    ])
    .join('\n');
}

/** Processor time of the files' own processes. */
export function sumCpuMs(files: readonly FileTime[]): number {
  return files.reduce((sum, {life}) => sum + (life.cpuMs ?? 0), 0);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}

function column(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(9);
}

function longestFirst(files: readonly FileTime[]): FileTime[] {
  return files.toSorted((one, other) => other.ms - one.ms);
}
