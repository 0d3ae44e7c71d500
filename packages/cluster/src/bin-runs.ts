import {binCount} from '@tacoplex/vocabulary';
import {refuse} from './wire-fields.ts';

/** Bins that now name one server, as `BinRuns` of patch.proto has them. */
export type BinRuns = {readonly server: number; readonly runs: readonly number[]};

/** A list of runs that grows. */
type Growing = {readonly server: number; readonly runs: number[]; end: number};

/** What makes one table into another: ascending by server, each server once. */
export function compareTables(from: Uint16Array, to: Uint16Array): BinRuns[] {
  const byServer = new Map<number, Growing>();
  let bin = 0;
  while (bin < binCount) {
    const begin = bin;
    const server = to[bin]!;
    while (bin < binCount && to[bin] === server && from[bin] !== server) {
      bin++;
    }

    if (bin === begin) {
      bin++;
    } else {
      addRun(byServer, server, begin, bin - begin);
    }
  }

  return [...byServer.values()]
    .sort((one, other) => one.server - other.server)
    .map(({server, runs}) => ({server, runs}));
}

function addRun(byServer: Map<number, Growing>, server: number, begin: number, length: number): void {
  const growing = byServer.get(server) ?? {server, runs: [], end: 0};
  byServer.set(server, growing);
  const skipped = begin - growing.end;
  growing.runs.push(...(length === 1 ? [2 * skipped] : [2 * skipped + 1, length - 2]));
  growing.end = begin + length;
}

/** @throws RangeError if a run goes beyond the table, or a server is none of 16 bits */
export function changeBins(path: string, from: Uint16Array, changes: readonly BinRuns[]): Uint16Array {
  const table = from.slice();
  for (const {server, runs} of changes) {
    if (server > 65_535) {
      refuse(path, `${server} is no server`);
    }

    setRuns(path, table, server, runs);
  }

  return table;
}

function setRuns(path: string, table: Uint16Array, server: number, runs: readonly number[]): void {
  let end = 0;
  for (let at = 0; at < runs.length; at++) {
    const token = runs[at]!;
    const begin = end + Math.floor(token / 2);
    end = begin + (token % 2 === 0 ? 1 : (runs[++at] ?? binCount) + 2);
    if (end > binCount) {
      refuse(path, 'a run goes beyond the table');
    }

    table.fill(server, begin, end);
  }
}
