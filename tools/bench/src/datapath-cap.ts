import {setTimeout as wait} from 'node:timers/promises';
import {capFlows} from './cap-frames.ts';
import {CapStage} from './cap-stage.ts';
import type {Case} from './datapath-cases.ts';
import type {CapRate} from './datapath-figures.ts';

const offeredPps = 600_000; // More than the generator manages
const seconds = 2.5;
const windowMs = {from: 700, to: 2200} as const;

/**
 * Let the real frame-forwarder, with its cap engine, forward frames of each case as fast as it can. It has a CPU of its own,
 * and four servers.
 *
 * @param onCase told before each
 */
export async function measureCap(
  cases: readonly Case[],
  signal: AbortSignal,
  onCase: (name: string) => void,
): Promise<Readonly<Record<string, CapRate>>> {
  const rates: Record<string, CapRate> = {};
  const stage = new CapStage();
  try {
    await stage.build();
    for (const {name} of cases) {
      signal.throwIfAborted();
      onCase(name);
      rates[name] = await takeRate(stage, name);
    }
  } finally {
    await stage.destroy();
  }

  return rates;
}

async function takeRate(stage: CapStage, name: string): Promise<CapRate> {
  const before = stage.countDelivered();
  const [mpps, {sent, tookMs}] = await Promise.all([watchArrivals(stage), stage.offer(offeredPps, seconds, name)]);
  return {
    mpps: [mpps],
    median: mpps,
    lost: before + sent - stage.countDelivered(),
    offeredMpps: Math.round((sent * 10) / tookMs) / 10_000,
    flows: capFlows,
    servers: stage.serverCount,
  };
}

/** @returns millions of frames a second, in the midst of it */
async function watchArrivals(stage: CapStage): Promise<number> {
  await wait(windowMs.from);
  const [before, began] = [stage.countDelivered(), performance.now()];
  await wait(windowMs.to - windowMs.from);
  return Math.round(((stage.countDelivered() - before) * 10) / (performance.now() - began)) / 10_000;
}
