import {type BinTables, changeTables, imageBytes, type Share, writeImage} from '@tacoplex/leveling';
import {binCount, type GroupNumber, type MacAddress} from '@tacoplex/vocabulary';
import type {Bench, RunOptions} from './bench.ts';
import {formatRows} from './format-rows.ts';
import {drawFrom} from './random.ts';
import {type Statistics, summarize} from './statistics.ts';
import {type ChangeKind, drawChange, drawFleet, type Fleet} from './table-changes.ts';

export type TableFigures = {
  readonly bins: number;
  /** At the beginning; the changes keep it within 1 %. */
  readonly servers: number;
  readonly changes: number;
  readonly kinds: Readonly<Record<ChangeKind, number>>;
  /** From the old columns and the new shares to both new columns. */
  readonly changeMs: Statistics;
  /** From the new columns to a whole forwarding image. */
  readonly installMs: Statistics;
  /** Bins that differ between each two tables, counted apart from the code that moves them. */
  readonly binsMoved: number;
  /** Half the sum of the differences between the counts of each two tables. */
  readonly binsMinimum: number;
  readonly movedOverMinimum: number;
  /** The farthest that any server ever was from its exact share, in bins. */
  readonly maxShareErrorBins: number;
  readonly seed: number;
};

const servers = 1000;
const seed = 20_011_105;

/** What one change did, seen from outside. */
type Observation = {
  readonly kind: ChangeKind;
  readonly changeMs: number;
  readonly installMs: number;
  readonly moved: number;
  readonly minimum: number;
  readonly shareError: number;
};

export const tableBench: Bench<TableFigures> = {
  name: 'table',
  summary: `change the bin table of ${servers} weighted servers, one server at a time`,
  run: async ({quick, progress}) => runTable(quick ? 20 : 300, progress),
  print: printTable,
  targets: ({changes, changeMs, installMs, movedOverMinimum, maxShareErrorBins}) => [
    {what: 'at least 200 changes', value: changes, met: changes >= 200},
    {what: 'computed in 20 ms (median)', value: changeMs.median, met: changeMs.median <= 20},
    {what: 'installed in 2 ms (median)', value: installMs.median, met: installMs.median <= 2},
    {what: 'bins moved over the minimum: 1', value: movedOverMinimum, met: movedOverMinimum === 1},
    {what: 'each share within 1 bin', value: maxShareErrorBins, met: maxShareErrorBins <= 1},
  ],
};

function runTable(changes: number, progress: RunOptions['progress']): TableFigures {
  const draw = drawFrom(seed);
  const image = new SharedArrayBuffer(imageBytes);
  let fleet = drawFleet(servers, draw);
  let tables: BinTables = changeTables(
    {base: new Uint16Array(binCount), fallback: new Uint16Array(binCount)},
    fleet.shares,
  );
  const observations: Observation[] = [];
  for (let change = 0; change < warmUp + changes; change++) {
    const next = drawChange(fleet, servers, draw);
    const {after, observation} = observe(tables, next.kind, next.fleet, image);
    if (change >= warmUp) {
      observations.push(observation);
    }

    [fleet, tables] = [next.fleet, after];
    progress(change + 1, warmUp + changes, 'changes');
  }

  return figuresOf(observations);
}

const warmUp = 20; // An elector that runs for days has compiled code

function observe(
  before: BinTables,
  kind: ChangeKind,
  {shares}: Fleet,
  image: SharedArrayBuffer,
): {after: BinTables; observation: Observation} {
  const began = performance.now();
  const after = changeTables(before, shares);
  const changeMs = performance.now() - began;
  const installMs = install(image, after, shares);
  const [counts, newCounts] = [countsOf(before.base), countsOf(after.base)];
  return {
    after,
    observation: {
      kind,
      changeMs,
      installMs,
      moved: after.base.reduce((sum, server, bin) => sum + (server === before.base[bin] ? 0 : 1), 0),
      minimum: counts.reduce((sum, count, server) => sum + Math.abs(count - newCounts[server]!), 0) / 2,
      shareError: shareErrorOf(newCounts, shares),
    },
  };
}

/** @returns how long it took, ms */
function install(image: SharedArrayBuffer, {base, fallback}: BinTables, shares: readonly Share[]): number {
  const mac = '02:00:00:00:00:01' as MacAddress;
  const content = {
    hashKey: new Uint8Array(16),
    ourMac: mac,
    services: [],
    groups: [{number: 0 as GroupNumber, base, fallback}],
    servers: shares.map(({server}) => ({number: server, mac, dead: false})),
  };
  const began = performance.now();
  writeImage(image, content);
  return performance.now() - began;
}

function shareErrorOf(counts: Float64Array, shares: readonly Share[]): number {
  const total = shares.reduce((sum, {weight}) => sum + weight, 0);
  return Math.max(...shares.map(({server, weight}) => Math.abs(counts[server]! - (binCount * weight) / total)));
}

function countsOf(table: Uint16Array): Float64Array {
  const counts = new Float64Array(65_536);
  for (const server of table) {
    counts[server]!++;
  }

  return counts;
}

function figuresOf(observations: readonly Observation[]): TableFigures {
  const sum = (of: (observation: Observation) => number): number =>
    observations.reduce((total, observation) => total + of(observation), 0);
  const [binsMoved, binsMinimum] = [sum(({moved}) => moved), sum(({minimum}) => minimum)];
  const countKind = (kind: ChangeKind): number => sum(observation => (observation.kind === kind ? 1 : 0));
  return {
    bins: binCount,
    servers,
    changes: observations.length,
    kinds: {add: countKind('add'), remove: countKind('remove'), weight: countKind('weight')},
    changeMs: summarize(observations.map(({changeMs}) => changeMs)),
    installMs: summarize(observations.map(({installMs}) => installMs)),
    binsMoved,
    binsMinimum,
    movedOverMinimum: binsMoved / binsMinimum,
    maxShareErrorBins: Math.max(...observations.map(({shareError}) => shareError)),
    seed,
  };
}

function printTable(figures: TableFigures): string {
  const {add, remove, weight} = figures.kinds;
  const spread = ({median, p99, worst}: Statistics): string =>
    `${median.toFixed(2)} ms median, ${p99.toFixed(2)} ms p99, ${worst.toFixed(2)} ms worst`;
  return formatRows([
    ['table', `${figures.bins} bins, ${figures.servers} servers of weights 1 to 100`],
    ['changes', `${figures.changes}: ${add} servers added, ${remove} removed, ${weight} weights`],
    ['computed in', spread(figures.changeMs)],
    ['installed in', spread(figures.installMs)],
    [
      'bins moved',
      `${figures.binsMoved}, fewest possible ${figures.binsMinimum}: ${figures.movedOverMinimum.toFixed(3)}`,
    ],
    ['farthest from its share', `${figures.maxShareErrorBins.toFixed(3)} bins`],
  ]);
}
