import {setClock} from './clock.ts';
import {claim, type Fault, type Shown} from './fault.ts';
import type {Scene} from './scene.ts';

const dayS = 86_400;

/** Processes look at what their clock is to be once a second. */
const seenAfterMs = 1000;

/** Rows about the wall clock. */
export const clocks: readonly Fault[] = [
  {
    row: 24,
    title: 'the wall clock jumps',
    how: 'libfaketime in every process of a leveler, steered by a file',
    needsClock: true,
    cases: [
      {name: '+1 day', verdict: {kind: 'N'}, play: async scene => jump(scene, dayS)},
      {name: '-1 day', verdict: {kind: 'N'}, play: async scene => jump(scene, -dayS)},
      {name: '100 ms each second', verdict: {kind: 'N'}, play: drift},
    ],
  },
];

async function jump(scene: Scene, offsetS: number): Promise<Shown> {
  const leveler = scene.pick([scene.leader, scene.holder, ...scene.levelers]);
  setClock(scene.lab, leveler, offsetS);
  await scene.pause(seenAfterMs + 2200); // Longer than a lease
  const group = `fault-${scene.draw(1_000_000)}`;
  const added = await scene.lab.exec(leveler, ['taco', 'group', 'add', group]);
  const jumped = lastTold(scene, leveler);
  const removed = await scene.lab.exec(leveler, ['taco', 'group', 'remove', group]);
  setClock(scene.lab, leveler, 0);
  await scene.pause(seenAfterMs + 500);
  return {
    findings: [
      claim(`its clock did jump (by ${Math.round(jumped / 1000)} s)`, Math.abs(jumped - offsetS * 1000) < 60_000),
      claim('changes are made meanwhile', added.code === 0 && removed.code === 0),
    ],
  };
}

/** How far a leveler's log is from now: its last line was written a moment ago. */
function lastTold(scene: Scene, leveler: string): number {
  const line = scene.log(leveler, 'elector', Number.NEGATIVE_INFINITY).findLast(({atMs}) => !Number.isNaN(atMs));
  return (line?.atMs ?? 0) - Date.now();
}

async function drift(scene: Scene): Promise<Shown> {
  const leveler = scene.pick(scene.levelers);
  const steps = scene.isShort ? 5 : 20;
  for (let step = 1; step <= steps; step++) {
    setClock(scene.lab, leveler, step / 10);
    await scene.pause(1000);
  }

  setClock(scene.lab, leveler, 0);
  await scene.pause(seenAfterMs + 500);
  return {};
}
