import {setTimeout as wait} from 'node:timers/promises';
import {countedBetween, SteadyCounters} from './steady-counters.ts';
import {type Deed, type DeedName, deeds, type Plan} from './steady-deeds.ts';
import {SteadyLeveler} from './steady-leveler.ts';
import {leveler as levelerNet, SteadyStage} from './steady-stage.ts';
import type {Range} from './steady-tally.ts';

/** What became of the frames that were sent during one deed. */
export type SteadyPhase = {
  readonly times: number;
  readonly sent: number;
  readonly lost: number;
  readonly repeated: number;
  /** Numbers of the first lost ones. */
  readonly gaps: readonly Range[];
  readonly offeredPerSecond: number;
  readonly tookMs: number;
  /** The longest time the sender was kept from sending, ms. */
  readonly longestPauseMs: number;
  /** What the data path has counted: frames to servers, and by reason the others. Maps of another layout begin anew. */
  readonly forwarded: number;
  readonly reasons: Readonly<{[reason: string]: number}>;
};

export type SteadyOptions = {
  readonly plan: Plan;
  readonly packetsPerSecond: number;
  readonly leaseMs: number;
  readonly names: readonly DeedName[];
  readonly signal: AbortSignal;
  readonly onPhase: (done: number, name: DeedName) => void;
};

export type SteadyResult = {
  /** Such as `xdp: as configured, native mode`. */
  readonly engine: string;
  readonly phases: Readonly<{[name in DeedName]?: SteadyPhase}>;
};

const aroundMs = 250;

/** Send through the real frame-forwarder while one thing after the other is done to it. @throws WorldError */
export async function runSteady(options: SteadyOptions): Promise<SteadyResult> {
  const stage = new SteadyStage();
  const leveler = new SteadyLeveler(stage.namespaces.nameOf('fwd'), options.leaseMs);
  try {
    await leveler.build();
    const {engine} = leveler;
    const phases: {[name in DeedName]?: SteadyPhase} = {};
    for (const [index, deed] of deeds.filter(({name}) => options.names.includes(name)).entries()) {
      options.onPhase(index, deed.name);
      phases[deed.name] = await holdPhase(deed, {stage, leveler}, options);
    }

    return {engine, phases};
  } finally {
    await leveler.destroy();
    stage.destroy();
  }
}

type Parts = {readonly stage: SteadyStage; readonly leveler: SteadyLeveler};

async function holdPhase(deed: Deed, {stage, leveler}: Parts, options: SteadyOptions): Promise<SteadyPhase> {
  const {plan, packetsPerSecond, signal} = options;
  const counters = new SteadyCounters(leveler.bpffs, levelerNet.netA);
  const before = counters.read();
  const sender = stage.send(packetsPerSecond);
  try {
    await wait(aroundMs, undefined, {signal});
    const times = await deed.act({leveler, counters}, plan, signal);
    await wait(aroundMs, undefined, {signal});
    const {sent, tookMs, longestPauseMs} = await sender.stop();
    const tally = await stage.tally(sent);
    const offeredPerSecond = Math.round((1000 * sent) / tookMs);
    return {times, ...tally, offeredPerSecond, tookMs, longestPauseMs, ...countedBetween(before, counters.read())};
  } finally {
    counters.close();
    await sender.stop();
  }
}
