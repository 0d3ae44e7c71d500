import type {RunOptions} from './bench.ts';
import {measureCap} from './datapath-cap.ts';
import {type Case, chooseCases, isFull} from './datapath-cases.ts';
import {contentOf} from './datapath-content.ts';
import {
  type CapRate,
  type CaseFigures,
  type Comparison,
  comparisonOf,
  type DatapathFigures,
  type ForwarderName,
  forwarderNames,
  type StackComparison,
  targetSink,
} from './datapath-figures.ts';
import {frameOf, senderMac} from './datapath-frames.ts';
import {KernelForwarder} from './datapath-kernel.ts';
import {LimitForwarder} from './datapath-limit.ts';
import {NftForwarder} from './datapath-nft.ts';
import {BarePrograms} from './datapath-programs.ts';
import {type SinkName, sinkNames} from './datapath-sink.ts';
import {type Contestant, type Plan, Slicer} from './datapath-slices.ts';
import {DatapathStage, type Lane, serverMac} from './datapath-stage.ts';
import {XdpForwarder} from './datapath-xdp.ts';
import {untilInterrupted} from './interruption.ts';
import {needRoot} from './need-root.ts';
import {Processor} from './processor.ts';
import {type Statistics, summarize} from './statistics.ts';

const plans = {
  quick: {rounds: 9, furtherPairs: 26, sliceMs: 30},
  thorough: {rounds: 15, furtherPairs: 30, sliceMs: 60},
} as const;
const largest = {groups: 16, serversEach: 1000};
const usual = {groups: 1, serversEach: 200};
const timesStarted = 7;
const timesInstalled = 21;
const timesAllInstalled = 5;

/** Compare all forwarders in all cases asked for. @throws ConfigError, WorldError, Interruption */
export async function runDatapath({quick, own, progress}: RunOptions): Promise<DatapathFigures> {
  const cases = chooseCases(own['cases'], quick);
  needRoot();
  const plan = quick ? plans.quick : plans.thorough;
  return untilInterrupted(async signal => {
    const figures = await holdCompetition(cases, plan, signal, progress);
    const forCap = cases.filter(isFull).slice(0, quick ? 1 : undefined);
    const cap =
      forCap.length === 0 ? {} : await measureCap(forCap, signal, name => progress(0, 1, `cap engine, ${name}`));
    progress(1, 1, '');
    return {...figures, cases: withCap(figures.cases, cap)};
  });
}

function withCap(cases: DatapathFigures['cases'], cap: Readonly<Record<string, CapRate>>): DatapathFigures['cases'] {
  return Object.fromEntries(
    Object.entries(cases).map(([name, one]) => [name, {...one, ...(cap[name] !== undefined && {cap: cap[name]})}]),
  );
}

async function holdCompetition(
  cases: readonly Case[],
  plan: Plan,
  signal: AbortSignal,
  progress: RunOptions['progress'],
): Promise<DatapathFigures> {
  const stage = new DatapathStage(forwarderNames);
  let competition: Competition | undefined;
  try {
    competition = new Competition(stage, signal);
    return await competition.hold(cases, plan, progress);
  } finally {
    competition?.close();
    stage.destroy();
  }
}

/** All forwarders in their lanes, and this thread on its CPU. */
class Competition {
  readonly #stage: DatapathStage;
  readonly #processor: Processor;
  readonly #signal: AbortSignal;
  readonly #limit: LimitForwarder;
  readonly #xdp: XdpForwarder;
  readonly #contestants: readonly Contestant[];

  constructor(stage: DatapathStage, signal: AbortSignal) {
    this.#stage = stage;
    this.#signal = signal;
    const laneOf = (name: ForwarderName): Lane => stage.lanes[forwarderNames.indexOf(name)] as Lane;
    this.#limit = new LimitForwarder(stage, laneOf('limit'));
    this.#xdp = new XdpForwarder(stage, laneOf('xdp'));
    const forwarders = {
      limit: this.#limit,
      xdp: this.#xdp,
      nft: new NftForwarder(stage, laneOf('nft')),
      kernel: new KernelForwarder(stage, laneOf('kernel')),
    };
    this.#contestants = forwarderNames.map(name => ({name, lane: laneOf(name), forwarder: forwarders[name]}));
    this.#processor = new Processor();
  }

  async hold(cases: readonly Case[], plan: Plan, progress: RunOptions['progress']): Promise<DatapathFigures> {
    const total = cases.length * (plan.rounds * sinkNames.length + plan.furtherPairs);
    progress(0, total, 'rounds, setting up');
    const loadAndAttachMs = summarize(Array.from({length: timesStarted}, () => this.#xdp.start()));
    const control = await this.#measureControl();
    const programs = new BarePrograms(this.#limit.program);
    try {
      const results: Record<string, CaseFigures> = {};
      const slicer = new Slicer(this.#stage, this.#processor, this.#signal);
      await slicer.calibrate(cases[0]!, this.#contestants[0]!);
      let round = 0;
      for (const one of cases) {
        const nsPerPacket = programs.measure(one);
        const compare = (sink: SinkName): Promise<Comparison> => {
          this.#stage.sink.use(sink);
          const furtherPairs = sink === targetSink ? plan.furtherPairs : 0;
          return this.#compare(slicer, one, {...plan, furtherPairs}, () =>
            progress(++round, total, `rounds, ${one.name}, ${sink}`),
          );
        };
        const driver = await compare('driver');
        const stack = await this.#countInStack(() => compare('stack'));
        results[one.name] = {...describeCase(one), ...driver, stack, nsPerPacket};
      }

      this.#stage.sink.use('driver');
      const {perCpu, frames} = this.#stage.arrived;
      return {
        sink: targetSink,
        cases: results,
        mode: this.#xdp.mode,
        ...plan,
        processor: {number: this.#processor.number, share: (perCpu[this.#processor.number] ?? 0) / frames},
        instructions: programs.instructions,
        ...control,
        loadAndAttachMs,
      };
    } finally {
      programs.close();
    }
  }

  close(): void {
    this.#processor.release();
    for (const {forwarder} of this.#contestants) {
      forwarder.close();
    }
  }

  async #compare(slicer: Slicer, one: Case, plan: Plan, onRound: () => void): Promise<Comparison> {
    return comparisonOf(await slicer.compare(one, this.#contestants, plan, onRound));
  }

  async #countInStack(compare: () => Promise<Comparison>): Promise<StackComparison> {
    const {sink} = this.#stage;
    sink.use('stack');
    const [received, seen] = [sink.arrived.frames, sink.countSeenByStack()];
    const comparison = await compare();
    return {
      ...comparison,
      received: sink.arrived.frames - received,
      seenByStack: sink.countSeenByStack() - seen,
    };
  }

  async #measureControl(): Promise<Pick<DatapathFigures, 'installMs' | 'installAllMs' | 'memoryBytes'>> {
    const installAllMs = await this.#install(largest, timesAllInstalled);
    const {memoryBytes} = this.#xdp;
    return {memoryBytes, installAllMs, installMs: await this.#install(usual, timesInstalled)};
  }

  async #install(size: Parameters<typeof contentOf>[0], times: number): Promise<Statistics> {
    const content = contentOf(size, this.#stage.lanes[0]!.netA.mac, serverMac);
    const samples: number[] = [];
    for (let time = -2; time < times; time++) {
      const ms = await this.#xdp.install(content);
      samples.push(...(time < 0 ? [] : [ms])); // Two sides to meet for the first time
      this.#signal.throwIfAborted();
    }

    return summarize(samples);
  }
}

function describeCase(one: Case): Pick<CaseFigures, 'protocol' | 'family' | 'flows' | 'servers' | 'frameBytes'> {
  const {protocol, family, flows, servers} = one;
  return {protocol, family, flows, servers, frameBytes: frameOf(one, serverMac(1), senderMac).length};
}
