import type {ProgramSize} from '@tacoplex/kernel';
import type {Target} from './bench.ts';
import {allCases, type Case, hasTarget} from './datapath-cases.ts';
import type {SinkName} from './datapath-sink.ts';
import {quantile, type Statistics} from './statistics.ts';

/** What forwards, in the order of the table. */
export const forwarderNames = ['limit', 'xdp', 'nft', 'kernel'] as const;
export type ForwarderName = (typeof forwarderNames)[number];

/** What is compared with what. */
export const ratioNames = ['xdp/limit', 'xdp/nft', 'xdp/kernel'] as const;
export type RatioName = (typeof ratioNames)[number];

/** One forwarder sent to at full speed for a moment. */
export type Slice = {
  readonly mpps: number; // Arrived, millions in each second that the CPU worked on them
  readonly sent: number;
  readonly lost: number;
  /** Servers that frames arrived at, this time; 0: the sink does not tell. */
  readonly servers: number;
};

/** All slices of one forwarder in one case, in the order they were taken. */
export type Rate = {
  readonly mpps: readonly number[];
  readonly median: number;
  /** Quartiles. */
  readonly low: number;
  readonly high: number;
  readonly sent: number;
  readonly lost: number;
  /** Most in any slice. */
  readonly servers: number;
};

/** Of the slices taken next to each other. */
export type Ratio = {
  readonly samples: readonly number[];
  readonly median: number;
  readonly low: number;
  readonly high: number;
};

/** All forwarders beside each other, with one kind of sink. */
export type Comparison = {readonly [Name in ForwarderName]: Rate} & {
  /** Medians of `pairs`. */
  readonly ratios: Readonly<Record<RatioName, number>>;
  readonly pairs: Readonly<Record<RatioName, Ratio>>;
};

/** With frames that end in the receiving kernel's stack. */
export type StackComparison = Comparison & {
  /** Frames that the receiver's interfaces have counted, warming up included. */
  readonly received: number;
  /** Of these, those that came as far as the stack: all, or something is wrong. */
  readonly seenByStack: number;
};

/** Rates and ratios that are not in `stack`: with the sink that `DatapathFigures` names. */
export type CaseFigures = Pick<Case, 'protocol' | 'family' | 'flows' | 'servers'> & {
  readonly frameBytes: number;
} & Comparison & {
    readonly stack: StackComparison;
    /** Of another bench, at a rate that is more than it takes. */
    readonly cap?: CapRate;
    /** By test-run, the same frame again and again: medians of `samples`. */
    readonly nsPerPacket: Readonly<
      Record<'limit' | 'xdp', {readonly median: number; readonly samples: readonly number[]}>
    >;
  };

/** What the cap engine takes; or if nothing was lost what it was offered, and it might take more. */
export type CapRate = {
  readonly mpps: readonly number[];
  readonly median: number;
  /** On the average of the whole run, its pauses included. */
  readonly offeredMpps: number;
  readonly lost: number;
  readonly flows: number;
  readonly servers: number;
};

/** How much there is of a program. */
export type ProgramFigures = ProgramSize & {
  /** That the verifier looked at, over all ways through the program. */
  readonly verifiedInstructions: number;
};

export type DatapathFigures = {
  /** Where frames end whose rates and ratios stand right in a case, which are the ones that targets are about. */
  readonly sink: SinkName;
  readonly cases: Readonly<Record<string, CaseFigures>>;
  /** How the xdp engine is attached. */
  readonly mode: string;
  readonly rounds: number;
  /** Of xdp and limit alone, with the sink of the targets. */
  readonly furtherPairs: number;
  readonly sliceMs: number;
  readonly processor: {
    readonly number: number;
    /** Part of all frames that arrived there, in the driver, 0..1; less than 1: not all was done on one CPU. */
    readonly share: number;
  };
  readonly instructions: Readonly<Record<'limit' | 'xdp', ProgramFigures>>;
  /** Of 65,536 bins of one group of 200 servers, with services and MAC addresses. */
  readonly installMs: Statistics;
  /** Of 16 such tables, of 1,000 servers each. */
  readonly installAllMs: Statistics;
  readonly loadAndAttachMs: Statistics;
  /** Kernel memory of all maps, holding 16 groups of 1,000 servers. */
  readonly memoryBytes: number;
};

const memoryLimitBytes = 128 * 2 ** 20;

/** The harder one: it adds least to what forwarders cost. See docs/decisions/008. */
export const targetSink: SinkName = 'driver';

/** @param slices at least one */
export function rateOf(slices: readonly Slice[]): Rate {
  const sum = (of: (slice: Slice) => number): number => slices.reduce((total, slice) => total + of(slice), 0);
  return {
    mpps: slices.map(({mpps}) => round(mpps)),
    ...spreadOf(slices.map(({mpps}) => mpps)),
    sent: sum(({sent}) => sent),
    lost: sum(({lost}) => lost),
    servers: Math.max(...slices.map(({servers}) => servers)),
  };
}

/** Of pairs, as they were taken: whoever has more slices has them at the end, and they are in no pair. */
export function ratioOf(ours: readonly Slice[], theirs: readonly Slice[]): Ratio {
  const count = Math.min(ours.length, theirs.length);
  const samples = ours.slice(0, count).map(({mpps}, index) => mpps / (theirs[index]?.mpps ?? Number.NaN));
  return {samples: samples.map(round), ...spreadOf(samples)};
}

/** @param slices of the same index were taken next to each other */
export function comparisonOf(slices: Readonly<Record<ForwarderName, readonly Slice[]>>): Comparison {
  const pairs = {
    'xdp/limit': ratioOf(slices.xdp, slices.limit),
    'xdp/nft': ratioOf(slices.xdp, slices.nft),
    'xdp/kernel': ratioOf(slices.xdp, slices.kernel),
  };
  return {
    limit: rateOf(slices.limit),
    xdp: rateOf(slices.xdp),
    nft: rateOf(slices.nft),
    kernel: rateOf(slices.kernel),
    ratios: {
      'xdp/limit': pairs['xdp/limit'].median,
      'xdp/nft': pairs['xdp/nft'].median,
      'xdp/kernel': pairs['xdp/kernel'].median,
    },
    pairs,
  };
}

/** Median and quartiles. @param samples at least one */
export function spreadOf(samples: readonly number[]): {median: number; low: number; high: number} {
  const sorted = [...samples].sort((one, other) => one - other);
  const at = (part: number): number => round(quantile(sorted, part));
  return {median: at(0.5), low: at(0.25), high: at(0.75)};
}

/** To a ten-thousandth: rates and ratios are known to no more. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** @param figures of any cases; those that are not about a target have none */
export function targetsOf({cases, installMs, loadAndAttachMs, memoryBytes}: DatapathFigures): Target[] {
  return [
    ...allCases.flatMap(one => targetsOfCase(one, cases[one.name])),
    {what: '65,536 bins installed in 2 ms (median)', value: installMs.median, met: installMs.median <= 2},
    {what: 'loaded and attached in 100 ms (median)', value: loadAndAttachMs.median, met: loadAndAttachMs.median <= 100},
    {
      what: 'maps for 16 groups of 1,000 servers in 128 MiB (MiB)',
      value: memoryBytes / 2 ** 20,
      met: memoryBytes <= memoryLimitBytes,
    },
  ];
}

function targetsOfCase(one: Case, figures: CaseFigures | undefined): Target[] {
  if (figures === undefined || !hasTarget(one)) {
    return [];
  }

  const least = one.family === 4 ? 0.85 : 0.8;
  const {'xdp/limit': ofLimit, 'xdp/nft': ofNft} = figures.ratios;
  return [
    {what: `${one.name}: xdp at least ${least} of the limit`, value: ofLimit, met: ofLimit >= least},
    {what: `${one.name}: xdp at least 3 x nft`, value: ofNft, met: ofNft >= 3},
  ];
}
