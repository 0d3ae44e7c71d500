import {setTimeout as pause} from 'node:timers/promises';
import {type Lab, levIp, shared, waitFor} from '@tacoplex/lab';
import {monotonicMs, type Probe} from './failover-probe.ts';
import type {Finding} from './failover-silence.ts';
import type {Stages} from './failover-stages.ts';
import type {WireWatch} from './failover-wire.ts';
import type {Draw} from './random.ts';

/** What one run came to. */
export type Run = Finding & {
  /** The leveler that it was done to. */
  readonly victim: string;
  /** The victim has no power any more. */
  readonly isDark?: boolean;
  /** Where the time went; undefined where nobody knows. */
  readonly stages?: Stages | undefined;
  /** From the fault until some elector says that it leads, ms. */
  readonly leaderAgainMs?: number;
};

/** A cluster with a service that is asked all the time. */
export type Stage = {
  readonly lab: Lab;
  readonly probe: Probe;
  readonly draw: Draw;
  readonly signal: AbortSignal;
  /** Wait until the next fault can happen to it. */
  readonly untilReady: () => Promise<void>;
  /** Begin to write down what says where the time goes; undefined where that is not known how. */
  readonly watch?: () => Promise<WireWatch>;
  /** Switch a leveler that lost its power on again. */
  readonly revive: (leveler: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

const beforeMs = 100;

/** What was started to look at the cluster has ended, or has come to rest. */
const calmMs = 300;

/** The leveler that the router sends to, by its own ARP table. */
export async function findHolder(stage: Pick<Stage, 'lab' | 'signal'>): Promise<string> {
  return findByNeighbour(stage, {host: 'router', address: levIp(0).ipv4, link: 0});
}

/** The leveler that the first server answers by. */
export async function findGateway(stage: Pick<Stage, 'lab' | 'signal'>): Promise<string> {
  return findByNeighbour(stage, {host: 'server0', address: shared.gateway.ipv4, link: 1});
}

type Neighbour = {readonly host: string; readonly address: string /** Of the levelers. */; readonly link: number};

async function findByNeighbour(
  {lab, signal}: Pick<Stage, 'lab' | 'signal'>,
  {host, address, link}: Neighbour,
): Promise<string> {
  let seen = '';
  const look = async (): Promise<string | undefined> => {
    const {stdout} = await lab.exec(host, ['ip', '-json', 'neigh', 'show', 'to', address], {signal});
    seen = stdout.trim();
    const [entry] = JSON.parse(stdout.trim() || '[]') as {readonly lladdr?: string}[];
    return lab.levelers.find(({links}) => links[link]?.mac === entry?.lladdr)?.name;
  };
  return waitFor(look, {what: `${host} knows who holds ${address}`, signal, seen: () => `it has ${seen}`});
}

/** Let a random time pass, so that faults meet beats and timers in every phase. @param mostMs whole */
export async function drawPhase({draw, signal}: Pick<Stage, 'draw' | 'signal'>, mostMs: number): Promise<void> {
  await pause(draw(mostMs), undefined, {signal});
}

/** Cut the power of the holder. */
export async function cutPower(stage: Stage, mostPhaseMs: number): Promise<Run> {
  const {lab, probe} = stage;
  const victim = await findHolder(stage);
  const watch = await stage.watch?.();
  try {
    await pause(calmMs, undefined, {signal: stage.signal});
    await drawPhase(stage, mostPhaseMs);
    const cutMs = await lab.powerOff(victim);
    const toMs = await probe.untilSteady(cutMs);
    const finding = await probe.examine({fromMs: cutMs - beforeMs, toMs});
    const stages = await watch?.explain(victim, cutMs, finding.answeredMs);
    return {...finding, victim, isDark: true, stages};
  } finally {
    await watch?.stop();
  }
}

/**
 * Do something that should disturb nobody, and look at the time until it is over and past.
 *
 * @param act resolves when all that it sets off is over, to what else was measured
 */
export async function disturb(
  stage: Stage,
  victim: string,
  act: () => Promise<Pick<Run, 'leaderAgainMs'>>,
): Promise<Run> {
  await drawPhase(stage, 100);
  const fromMs = monotonicMs();
  const more = await act();
  const toMs = await stage.probe.untilSteady(monotonicMs());
  return {...(await stage.probe.examine({fromMs: fromMs - beforeMs, toMs})), victim, ...more};
}
