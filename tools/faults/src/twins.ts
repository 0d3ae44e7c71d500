import {calmly, claim, type Fault, type Shown} from './fault.ts';
import type {Scene} from './scene.ts';

/** The row about two levelers with one number: the host part of their address on net B. */
export const twins: readonly Fault[] = [
  {
    row: 26,
    title: 'two levelers with one number',
    how: "a leveler is given another's address on net B",
    cases: [
      {name: 'one after the other', verdict: {kind: 'Z'}, play: later},
      {name: 'at the same moment', verdict: {kind: 'R'}, play: together},
    ],
  },
];

/** Elector's last words when it gives way. */
const refusal = /fatal: cannot go on .*runs already/;

async function later(scene: Scene): Promise<Shown> {
  const {lab} = scene;
  const {usurper, owner} = choose(scene);
  const beganMs = Date.now();
  const before = await lab.processPid(owner, 'elector');
  await readdress(scene, usurper, addressOf(scene, owner));
  try {
    await lab.killProcess(usurper, 'elector');
    const told = await scene.logged([usurper], 'elector', refusal, beganMs);
    await scene.pause(scene.isShort ? 2000 : 10_000);
    const silent = scene
      .log(scene.leader, 'elector', beganMs)
      .filter(({text}) => new RegExp(`leveler silent .*name=${owner}$`).test(text));
    return {
      findings: [
        claim(`the later one says whose number it has (${told.text})`, told.text.includes('number')),
        claim('the earlier one runs on', (await lab.processPid(owner, 'elector')) === before),
        calmly(`and is heard all the time (silent ${silent.length} times)`, silent.length === 0),
      ],
    };
  } finally {
    await restore(scene, usurper, addressOf(scene, owner));
  }
}

async function together(scene: Scene): Promise<Shown> {
  const {lab} = scene;
  const {usurper, owner} = choose(scene);
  await readdress(scene, usurper, addressOf(scene, owner));
  try {
    const both = [usurper, owner];
    const beganMs = Date.now();
    await Promise.all(both.map(async leveler => lab.killProcess(leveler, 'elector')));
    await scene.logged(both, 'elector', refusal, beganMs);
    await scene.pause(scene.isShort ? 3000 : 4000);
    const pids = await Promise.all(both.map(async leveler => lab.processPid(leveler, 'elector')));
    await scene.pause(scene.isShort ? 1000 : 2000);
    const refused = both.map(leveler => scene.log(leveler, 'elector', beganMs).filter(({text}) => refusal.test(text)));
    const staying = both.filter((_, index) => pids[index] !== undefined && refused[index]?.length === 0);
    return {findings: [claim(`exactly one stays (${staying.join(', ')})`, staying.length === 1)]};
  } finally {
    await restore(scene, usurper, addressOf(scene, owner));
  }
}

/** Neither of which leads, so that a third one tells. */
function choose(scene: Scene): {usurper: string; owner: string} {
  const usurper = scene.pick(scene.others(scene.leader));
  return {usurper, owner: scene.others(scene.leader, usurper)[0] ?? ''};
}

function addressOf({lab}: Scene, leveler: string): string {
  return lab.host(leveler).links.find(({wire}) => wire === 'net-b')?.ipv4 ?? '';
}

async function readdress(scene: Scene, leveler: string, address: string): Promise<void> {
  const own = addressOf(scene, leveler);
  await scene.lab.exec(leveler, ['sh', '-c', `ip addr del ${own}/24 dev b0 && ip addr add ${address}/24 dev b0`]);
}

async function restore(scene: Scene, leveler: string, address: string): Promise<void> {
  await scene.lab.exec(leveler, ['ip', 'addr', 'del', `${address}/24`, 'dev', 'b0']);
  await scene.lab.linkUp(leveler, 'b0');
  const supervised = await scene.lab.supervised(leveler);
  if (supervised?.some(({name, state}) => name === 'elector' && state === 'RUNNING')) {
    await scene.lab.killProcess(leveler, 'elector'); // It has the other's number
  }
}
