import {ConfigError} from '@tacoplex/errors';
import type {Bench, RunOptions} from './bench.ts';
import {frameBytes} from './cap-frames.ts';
import {CapStage} from './cap-stage.ts';
import {formatRows} from './format-rows.ts';
import {needRoot} from './need-root.ts';

/** One run at one rate. */
export type CapSample = {
  readonly wantedPps: number;
  /** As the generator managed it. */
  readonly offeredPps: number;
  readonly sent: number;
  readonly delivered: number;
  readonly lost: number;
  readonly seconds: number;
  /** Of the forwarder's processor time, for each frame it was offered. */
  readonly cpuMicroseconds: number;
};

export type CapFigures = {
  readonly engine: string;
  readonly frameBytes: number;
  /** The lowest of the samples. */
  readonly offeredPps: number;
  readonly sent: number;
  readonly delivered: number;
  readonly lost: number;
  readonly seconds: number;
  readonly lossless: boolean;
  /** Frames that left the forwarder another way than to a server, and frames its ring had no room for. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly samples: readonly CapSample[];
  /** The highest rate offered that nothing was lost at, and every rate tried; only if asked for. */
  readonly limit?: {readonly losslessPps: number; readonly samples: readonly CapSample[]};
};

const targetPps = 100_000;
const offerPps = 105_000; // A sender that is held up for a moment still offers what the target says
const warmUp = {pps: 20_000, seconds: 2}; // A forwarder that runs for days has compiled code
const limitSteps = {from: 100_000, by: 25_000, to: 400_000, seconds: 3};

export const capBench: Bench<CapFigures> = {
  name: 'datapath',
  summary: `forward UDP frames of ${frameBytes} bytes through the real frame-forwarder, between namespaces`,
  options: [
    {flags: '--pps <number>', help: 'packets per second to offer', fallback: String(offerPps)},
    {flags: '--seconds <number>', help: 'how long each of the samples takes', fallback: '5'},
    {flags: '--find-limit <yes|no>', help: 'also find the highest rate without loss', fallback: 'no'},
  ],
  run: runCap,
  print: printCap,
  targets: ({lost, offeredPps}) => [
    {what: `at least ${targetPps} packets/s offered`, value: offeredPps, met: offeredPps >= targetPps},
    {what: 'no packet lost', value: lost, met: lost === 0},
  ],
};

async function runCap({quick, own, progress}: RunOptions): Promise<CapFigures> {
  const {pps, seconds, findLimit} = own;
  if (!(isPositive(pps) && isPositive(seconds))) {
    throw new ConfigError('--pps and --seconds: numbers above 0', {code: 'USAGE'});
  }

  needRoot();
  const stage = new CapStage();
  try {
    await stage.build();
    await stage.offer(warmUp.pps, warmUp.seconds);
    const samples: CapSample[] = [];
    const count = quick ? 1 : 3;
    for (let index = 0; index < count; index++) {
      progress(index, count, 'runs');
      samples.push(await takeSample(stage, Number(pps), quick ? 2 : Number(seconds)));
    }

    progress(count, count, 'runs');
    return {
      ...sumUp(samples),
      engine: 'cap',
      frameBytes,
      reasons: stage.reasons,
      samples,
      ...(findLimit === 'yes' ? {limit: await searchLimit(stage)} : {}),
    };
  } finally {
    await stage.destroy();
  }
}

function isPositive(text: string | undefined): boolean {
  return Number(text) > 0;
}

async function takeSample(stage: CapStage, wantedPps: number, seconds: number): Promise<CapSample> {
  const [before, cpuBefore] = [stage.countDelivered(), stage.readForwarderCpuMs()];
  const {sent, tookMs} = await stage.offer(wantedPps, seconds);
  const delivered = stage.countDelivered() - before;
  return {
    wantedPps,
    offeredPps: Math.round(sent / (tookMs / 1000)),
    sent,
    delivered,
    lost: sent - delivered,
    seconds: Math.round(tookMs) / 1000,
    cpuMicroseconds: Math.round(((stage.readForwarderCpuMs() - cpuBefore) * 100_000) / sent) / 100,
  };
}

/** Up in steps until frames are lost, or the generator cannot follow. */
async function searchLimit(stage: CapStage): Promise<NonNullable<CapFigures['limit']>> {
  const samples: CapSample[] = [];
  for (let pps = limitSteps.from; pps <= limitSteps.to; pps += limitSteps.by) {
    const sample = await takeSample(stage, pps, limitSteps.seconds);
    samples.push(sample);
    if (sample.lost > 0 || sample.offeredPps < 0.9 * pps) {
      break;
    }
  }

  const lossless = samples.filter(({lost}) => lost === 0).map(({offeredPps}) => offeredPps);
  return {losslessPps: Math.max(0, ...lossless), samples};
}

type Sums = Pick<CapFigures, 'offeredPps' | 'sent' | 'delivered' | 'lost' | 'seconds' | 'lossless'>;

function sumUp(samples: readonly CapSample[]): Sums {
  const sum = (of: (sample: CapSample) => number): number => samples.reduce((total, sample) => total + of(sample), 0);
  const lost = sum(sample => sample.lost);
  return {
    offeredPps: Math.min(...samples.map(({offeredPps}) => offeredPps)),
    sent: sum(({sent}) => sent),
    delivered: sum(({delivered}) => delivered),
    lost,
    seconds: Math.round(sum(({seconds}) => seconds) * 1000) / 1000,
    lossless: lost === 0,
  };
}

function printCap({engine, samples, lost, reasons, limit}: CapFigures): string {
  const line = ({offeredPps, sent, lost: lostHere, cpuMicroseconds}: CapSample): string =>
    `${offeredPps} packets/s: ${lostHere} of ${sent} lost, ${cpuMicroseconds} us of processor time each`;
  const causes = Object.entries(reasons).map(([name, value]) => `${name} ${value}`);
  return formatRows([
    ['engine', `${engine}, frames of ${frameBytes} bytes`],
    ...samples.map((sample, index) => [`run ${index + 1}`, line(sample)] as const),
    ['lost', `${lost}${causes.length === 0 ? '' : ` (forwarder: ${causes.join(', ')})`}`],
    ...(limit === undefined ? [] : [['highest rate without loss', `${limit.losslessPps} packets/s`] as const]),
  ]);
}
