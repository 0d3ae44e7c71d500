import type {Bench, RunOptions} from './bench.ts';
import {type Traffic, WeighedCluster} from './control-cluster.ts';
import {type Cost, measureCost} from './control-cost.ts';
import {type Contents, contentsOf} from './control-scale.ts';
import {formatColumns} from './format-rows.ts';
import {type Statistics, summarize} from './statistics.ts';

/** What one leveler, on average, puts on both nets and takes from them in a second. */
export type Load = {
  readonly sentFrames: number;
  readonly sentBytes: number;
  readonly sentMbit: number;
  readonly receivedFrames: number;
  readonly receivedMbit: number;
};

/** How long until all agree, ms of the simulation; one sample for each seed. */
export type Agreement = {
  /** From power on to one leader and one state. */
  readonly birthMs: Statistics;
  readonly leaderLostMs: Statistics;
  /** From a command at any leveler to its answer: all follow the change. */
  readonly commandMs: Statistics;
};

export type ControlSize = {
  readonly levelers: number;
  readonly calm: Load;
  /** With one server added each second. */
  readonly changing: Load;
  /** Of the leader. */
  readonly cost: Cost;
  readonly agreement: Agreement;
};

export type ControlFigures = {
  /** Of the state that proposals carry. */
  readonly servers: number;
  readonly patchBytes: number;
  readonly stateBytes: number;
  readonly sizes: readonly ControlSize[];
  /** Sixteen levelers, three of ten datagrams lost on each net. */
  readonly lossy: {readonly levelers: number; readonly loss: number; readonly agreement: Agreement};
};

type Plan = {readonly levelers: number; readonly seeds: number; readonly weighMs: number};

const sizes: readonly (Plan & {readonly quick: Partial<Plan>})[] = [
  {levelers: 3, seeds: 20, weighMs: 10_000, quick: {seeds: 3, weighMs: 2000}},
  {levelers: 16, seeds: 20, weighMs: 10_000, quick: {seeds: 2, weighMs: 1000}},
  {levelers: 64, seeds: 5, weighMs: 5000, quick: {seeds: 1, weighMs: 1000}},
];
const servers = 250;
const lossy = {levelers: 16, loss: 0.3};
const allowed = {mbit: 1, agreedMs: 2000};

export const controlBench: Bench<ControlFigures> = {
  name: 'control',
  summary: 'what clusters of 3, 16 and 64 levelers say to each other, and how soon they agree, in simulation',
  run: async ({quick, progress}) => runControl(quick, progress),
  print: printControl,
  targets: ({sizes: all, lossy: {agreement}}) => {
    const sixteen = all.find(({levelers}) => levelers === 16)!;
    const mbit = Math.max(sixteen.calm.sentMbit, sixteen.changing.sentMbit);
    const agreedMs = Math.max(agreement.leaderLostMs.worst, agreement.commandMs.worst);
    return [
      {what: 'control traffic of one of 16 levelers <= 1 Mbit/s', value: mbit, met: mbit <= allowed.mbit},
      {
        what: '16 levelers that lose 30 % agree within 2,000 ms, worst',
        value: agreedMs,
        met: agreedMs <= allowed.agreedMs,
      },
    ];
  },
};

function runControl(quick: boolean, progress: RunOptions['progress']): ControlFigures {
  const contents = contentsOf(servers);
  const total = sizes.length + 1;
  const measured = sizes.map((plan, index) => {
    progress(index, total, 'clusters');
    return measureSize(quick ? {...plan, ...plan.quick} : plan, contents);
  });
  progress(sizes.length, total, 'clusters');
  const agreement = sumUp(
    seedsUpTo(quick ? 3 : 40).map(seed => {
      const cluster = new WeighedCluster(seed, lossy.levelers, contents);
      cluster.changeLoss(lossy.loss);
      return liveThrough(cluster);
    }),
  );
  progress(total, total, 'clusters');
  return {
    servers,
    patchBytes: contents.patch.length,
    stateBytes: contents.whole.length,
    sizes: measured,
    lossy: {...lossy, agreement},
  };
}

/** The first cluster is also weighed, between its birth and the rest. */
function measureSize({levelers, seeds, weighMs}: Plan, contents: Contents): ControlSize {
  const first = new WeighedCluster(1, levelers, contents);
  let weighed: Omit<ControlSize, 'levelers' | 'agreement'> | undefined;
  const sample = liveThrough(first, () => {
    const {traffic, diary} = first.weighCalm(weighMs);
    const changing = loadOf(first.weighChanging(weighMs), levelers);
    weighed = {calm: loadOf(traffic, levelers), changing, cost: measureCost(diary)};
  });
  const others = seedsUpTo(seeds)
    .slice(1)
    .map(seed => liveThrough(new WeighedCluster(seed, levelers, contents)));
  return {levelers, ...weighed!, agreement: sumUp([sample, ...others])};
}

type Life = {readonly birthMs: number; readonly commandMs: number; readonly leaderLostMs: number};

/** From its birth until its leader is lost and followed by another. */
function liveThrough(cluster: WeighedCluster, inPeace = (): void => {}): Life {
  const birthMs = cluster.agree();
  inPeace();
  cluster.simulation.pass(cluster.simulation.chance.between(0, 200));
  cluster.agree(); // Where much is lost, a leader may have gone meanwhile
  const commandMs = cluster.command();
  return {birthMs, commandMs, leaderLostMs: cluster.loseLeader()};
}

function sumUp(lives: readonly Life[]): Agreement {
  return {
    birthMs: summarize(lives.map(({birthMs}) => birthMs)),
    leaderLostMs: summarize(lives.map(({leaderLostMs}) => leaderLostMs)),
    commandMs: summarize(lives.map(({commandMs}) => commandMs)),
  };
}

function seedsUpTo(count: number): number[] {
  return Array.from({length: count}, (_, index) => index + 1);
}

function loadOf({ms, toAll, toOne}: Traffic, levelers: number): Load {
  const perSecond = (count: number): number => Math.round((count * 10_000) / ms / levelers) / 10;
  const megabits = (bytes: number): number => Math.round((bytes * 8) / ms / levelers) / 1000;
  const others = levelers - 1;
  return {
    sentFrames: perSecond(toAll.frames + toOne.frames),
    sentBytes: perSecond(toAll.bytes + toOne.bytes),
    sentMbit: megabits(toAll.bytes + toOne.bytes),
    receivedFrames: perSecond(toAll.frames * others + toOne.frames),
    receivedMbit: megabits(toAll.bytes * others + toOne.bytes),
  };
}

function printControl({
  sizes: all,
  patchBytes,
  stateBytes,
  lossy: {levelers, loss, agreement},
}: ControlFigures): string {
  const one = (value: number): string => value.toFixed(1);
  const load = ({sentFrames, sentMbit, receivedMbit}: Load): string[] => [
    one(sentFrames),
    sentMbit.toFixed(3),
    receivedMbit.toFixed(3),
  ];
  const costs = all.map(({levelers: count, cost: {stepMs, viewMs, codecMs, hmacMs, totalMs}}) => [
    String(count),
    ...[stepMs, viewMs, codecMs, hmacMs, totalMs].map(one),
  ]);
  const agreements = [
    ...all.map(size => agreementRow(String(size.levelers), size.agreement)),
    agreementRow(`${levelers}, ${loss * 100} % lost`, agreement),
  ];
  return [
    'one leveler, each second, both nets, Ethernet frames with all headers:',
    formatColumns([
      ['levelers', 'frames sent', 'Mbit sent', 'received', 'changing: frames', 'Mbit sent', 'received'],
      ...all.map(({levelers: count, calm, changing}) => [String(count), ...load(calm), ...load(changing)]),
    ]),
    `changing: a server added to ${servers} each second, ${patchBytes} bytes to each follower (the whole state has ${stateBytes})`,
    '',
    'processor time of the leader, ms in each second:',
    formatColumns([['levelers', 'steps', 'view', 'codec', 'HMAC', 'together'], ...costs]),
    '',
    'until all agree, ms, median (worst):',
    formatColumns([['levelers', 'birth', 'leader lost', 'command'], ...agreements]),
  ].join('\n');
}

function agreementRow(name: string, {birthMs, leaderLostMs, commandMs}: Agreement): string[] {
  const spread = ({median, worst}: Statistics): string => `${Math.round(median)} (${Math.round(worst)})`;
  return [name, spread(birthMs), spread(leaderLostMs), spread(commandMs)];
}
