import {calmly, type Fault, type Shown} from './fault.ts';
import type {Scene} from './scene.ts';

/** Rows of the scorecard about processes that restart again and again. */
export const storms: readonly Fault[] = [
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

  const silent = scene
    .log(witness, 'elector', beganMs)
    .filter(({text}) => text.includes('leveler silent') && !text.endsWith(`name=${flapper}`));
  await lab.waitForProcesses(flapper);
  return {findings: [calmly(`nobody else is taken for dead (${silent.length} times)`, silent.length === 0)]};
}
