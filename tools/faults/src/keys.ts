import {chownSync, renameSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {statusWith, taco} from '@tacoplex/lab';
import {claim, type Fault, type Shown} from './fault.ts';
import type {Scene} from './scene.ts';

/** The row about the cluster's key. */
export const keys: readonly Fault[] = [
  {
    row: 32,
    title: 'the key is changed while a leveler is off',
    how: 'taco key add, activate and retire, the latter two with --force; then the key file by hand',
    cases: [{name: '', verdict: {kind: 'Z'}, play: rotate}],
  },
];

async function rotate(scene: Scene): Promise<Shown> {
  const {lab, leader} = scene;
  const absent = scene.pick(scene.others(leader, scene.holder));
  await lab.powerOff(absent);
  await statusWith(lab, leader, `${absent} is suspect`, ({levelers}) =>
    levelers.some(({name, state}) => name === absent && state === 'suspect'),
  );
  await taco(lab, ['key', 'add'], leader);
  const refused = await lab.exec(leader, ['taco', 'key', 'activate']);
  await taco(lab, ['key', 'activate', '--force'], leader);
  await taco(lab, ['key', 'retire', '--force'], leader);
  await lab.powerOn(absent);
  await scene.pause(scene.isShort ? 2000 : 3000);
  const without = await scene.status(leader);
  await lay(scene, absent);
  return {
    findings: [
      claim(`without --force it is refused (${firstLine(refused.stderr)})`, refused.code === 1),
      claim(
        'who missed it stays out',
        without?.levelers.some(({name, state}) => name === absent && state === 'live') === false,
      ),
    ],
  };
}

/** What the operator does: the keys of a leveler that has them, as the key file of the one that has not. */
async function lay({lab, leader}: Scene, absent: string): Promise<void> {
  const file = `/etc/tacoplex/cluster.key.${absent}`;
  await taco(lab, ['key', 'export', file], leader);
  const [from, to] = [
    join(lab.folder, leader, 'etc', `cluster.key.${absent}`),
    join(lab.folder, absent, 'etc/cluster.key'),
  ];
  const {uid, gid} = statSync(to); // The elector is not root
  chownSync(from, uid, gid);
  renameSync(from, to);
  await lab.killProcess(absent, 'elector', 'SIGTERM');
  await statusWith(lab, leader, `${absent} is back`, ({levelers}) =>
    levelers.some(({name, state}) => name === absent && state === 'live'),
  );
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
