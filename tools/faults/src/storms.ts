import {availableParallelism} from 'node:os';
import {amongHogs, type Hogs} from '@tacoplex/bench';
import {calmly, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

/** Rows about machines that are busy, and processes that restart again and again. */
export const storms: readonly Fault[] = [
  {
    row: 38,
    title: 'busy processors',
    how: 'other processes compute, at the priority that everybody has',
    cases: [
      {
        name: '80 % of each',
        verdict: {kind: 'N'},
        provenBy: proofs.busyProcessors,
        play: async scene => toil(scene, scene.minutes, {count: availableParallelism(), busyMs: 80}),
      },
      {name: 'eight that never wait', verdict: {kind: 'N'}, play: async scene => toil(scene, 1, {count: 8})},
    ],
  },
  {
    row: 39,
    title: 'restart storm',
    how: 'kill -9 to every process',
    cases: [
      {name: 'all levelers at once', verdict: {kind: 'G', gapMs: 3000}, play: killEverything},
      {name: 'one each second', verdict: {kind: 'R'}, play: flap},
    ],
  },
];

async function toil(scene: Scene, minutes: number, hogs: Hogs): Promise<Shown> {
  const beganMs = Date.now();
  await amongHogs(hogs, async () => scene.pause(scene.isShort ? 3000 : 60_000 * minutes));
  const silent = scene.levelers.flatMap(leveler => scene.silences(leveler, beganMs));
  const [witness = ''] = scene.levelers;
  const holder = await scene.holderSeenBy(witness);
  return {
    findings: [
      calmly(`nobody is taken for dead (${silent.length} times)`, silent.length === 0),
      calmly(`${scene.holder} holds the LevIP (${holder ?? 'no answer'})`, holder === scene.holder),
    ],
    figures: {lastedMs: Date.now() - beganMs},
  };
}

async function killEverything(scene: Scene): Promise<Shown> {
  const {lab, levelers} = scene;
  await Promise.all(levelers.map(async leveler => lab.signalAll(leveler, 'SIGKILL', 'others')));
  await scene.pause(1000); // A supervisord may take that long to notice
  await lab.waitForAllProcesses();
  return {};
}

/** One leveler restarts each second; those that stay must not be drawn into it. */
async function flap(scene: Scene): Promise<Shown> {
  const {lab} = scene;
  const flapper = scene.pick(scene.levelers);
  const [witness = ''] = scene.others(flapper);
  const beganMs = Date.now();
  for (let times = scene.isShort ? 6 : 60; times > 0; times--) {
    await lab.signalAll(flapper, 'SIGKILL', 'others');
    await scene.pause(1000);
  }

  const silent = scene.silences(witness, beganMs).filter(text => !text.endsWith(`name=${flapper}`));
  await lab.waitForProcesses(flapper);
  return {findings: [calmly(`nobody else is taken for dead (${silent.length} times)`, silent.length === 0)]};
}
