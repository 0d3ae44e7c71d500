import {setTimeout as pause} from 'node:timers/promises';
import {
  type ClusterStatus,
  configureCluster,
  createLab,
  endFollowers,
  isWhole,
  type Lab,
  readStatus,
  statusWith,
  taco,
} from '@tacoplex/lab';
import {watchLeaders} from './failover-leaders.ts';
import {monotonicMs, startProbe} from './failover-probe.ts';
import {disturb, findHolder, type Run, type Stage} from './failover-stage.ts';
import {watchWire} from './failover-wire.ts';
import type {Draw} from './random.ts';

/** A leveler that has come back listens for this long before it takes anything. */
const settleMs = 500;

/** Longer than the lease of a data path, after which one that nobody cares for stops. */
const aftermathMs = 2500;

/** A cluster of ours with one service. @throws WorldError */
export async function openCluster(levelers: number, draw: Draw, signal: AbortSignal): Promise<Stage> {
  const lab = await createLab({name: `bench-failover-${levelers}`, levelers, servers: 1, dwellS: 0, signal});
  try {
    await untilWhole(lab, signal); // A newborn cluster may change its leader once more
    await configureCluster(lab);
    const probe = startProbe(lab, signal);
    return {
      lab,
      probe,
      draw,
      signal,
      async untilReady() {
        await untilWhole(lab, signal);
        await probe.untilSteady(0);
      },
      watch: async () => watchWire(lab, signal),
      revive: async leveler => lab.powerOn(leveler),
      async close() {
        await probe.stop();
        await lab.down();
      },
    };
  } catch (error) {
    await lab.down();
    throw error;
  }
}

/** Kill every process of the holder at once. */
export async function killHolder(stage: Stage): Promise<Run> {
  const {lab, signal} = stage;
  const victim = await findHolder(stage);
  const names = (await lab.supervised(victim))?.map(({name}) => name) ?? [];
  const pids = (await Promise.all(names.map(async name => lab.processPid(victim, name)))).filter(
    pid => pid !== undefined,
  );
  return disturb(stage, victim, async () => {
    for (const pid of pids) {
      process.kill(pid, 'SIGKILL');
    }

    await pause(aftermathMs, undefined, {signal});
    return {};
  });
}

/** Kill the leader's elector. */
export async function killLeader(stage: Stage): Promise<Run> {
  const {lab} = stage;
  const status = await readStatus(lab, await findHolder(stage));
  const victim = status?.leader ?? '';
  const pid = (await lab.processPid(victim, 'elector')) ?? 0;
  const leaders = await watchLeaders(lab, stage.signal);
  try {
    return await disturb(stage, victim, async () => {
      const killedMs = monotonicMs();
      process.kill(pid, 'SIGKILL');
      const leaderAgainMs = (await leaders.untilNext(killedMs)) - killedMs;
      await lab.waitForSuccessor(victim, 'elector', pid);
      await pause(aftermathMs, undefined, {signal: stage.signal});
      return {leaderAgainMs};
    });
  } finally {
    await leaders.stop();
  }
}

/** The holder is told to leave. It is brought back by a new elector. */
export async function leave(stage: Stage): Promise<Run> {
  const {lab, signal} = stage;
  const victim = await findHolder(stage);
  const run = await disturb(stage, victim, async () => {
    await taco(lab, ['leveler', 'drain', victim], victim);
    await pause(aftermathMs, undefined, {signal});
    return {};
  });
  const former = await lab.killProcess(victim, 'elector', 'SIGTERM');
  await lab.waitForSuccessor(victim, 'elector', former);
  return run;
}

/** A process of the holder is restarted, as by an upgrade. */
export async function restart(stage: Stage, processName: string): Promise<Run> {
  const {lab, signal} = stage;
  const victim = await findHolder(stage);
  const pid = (await lab.processPid(victim, processName)) ?? 0;
  return disturb(stage, victim, async () => {
    process.kill(pid, 'SIGTERM');
    await lab.waitForSuccessor(victim, processName, pid);
    await pause(aftermathMs, undefined, {signal});
    return {};
  });
}

async function untilWhole(lab: Lab, signal: AbortSignal): Promise<void> {
  const names = lab.levelers.map(({name}) => name);
  const find = (status: ClusterStatus): boolean => status.leader !== null && isWhole(status, names);
  await statusWith(lab, names[0] ?? '', 'all levelers are live and agree', find, {signal});
  endFollowers(lab); // Nothing works beside what is measured
  await pause(settleMs, undefined, {signal});
}
