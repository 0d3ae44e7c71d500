import {cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {statusWith} from '@tacoplex/lab';
import {calmly, claim, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

/** The row about another cluster on the same wires. */
export const foreigners: readonly Fault[] = [
  {
    row: 27,
    title: 'another cluster on the same nets',
    how: 'a leveler goes off and comes back as the only one of another cluster',
    cases: [
      {
        name: 'other key',
        verdict: {kind: 'Z'},
        provenBy: proofs.otherKey,
        play: async scene => settle(scene, scene.lab.name, '5'.repeat(64)),
      },
      {name: 'other name', verdict: {kind: 'Z'}, play: async scene => settle(scene, 'neighbours', undefined)},
    ],
  },
];

/** @param key in hexadecimal; undefined: the one it has */
async function settle(scene: Scene, name: string, key: string | undefined): Promise<Shown> {
  const {lab} = scene;
  const foreigner = scene.pick(scene.others(scene.leader, scene.holder));
  const home = join(lab.folder, foreigner);
  await lab.powerOff(foreigner);
  await lab.clearAway(foreigner);
  cpSync(join(home, 'etc'), join(home, 'etc-kept'), {recursive: true, preserveTimestamps: true});
  renameSync(join(home, 'lib'), join(home, 'lib-kept'));
  mkdirSync(join(home, 'lib'), {mode: 0o750});
  writeFileSync(join(home, 'etc/taco.toml'), foreignConfig(readFileSync(join(home, 'etc/taco.toml'), 'utf8'), name));
  if (key !== undefined) {
    writeFileSync(join(home, 'etc/cluster.key'), `${key}\n`);
  }

  try {
    return await live(scene, foreigner);
  } finally {
    await lab.powerOff(foreigner);
    await lab.clearAway(foreigner);
    cpSync(join(home, 'etc-kept'), join(home, 'etc'), {recursive: true, preserveTimestamps: true});
    rmSync(join(home, 'etc-kept'), {recursive: true});
    rmSync(join(home, 'lib'), {recursive: true});
    renameSync(join(home, 'lib-kept'), join(home, 'lib'));
    await lab.powerOn(foreigner);
  }
}

async function live(scene: Scene, foreigner: string): Promise<Shown> {
  const {lab} = scene;
  await lab.powerOn(foreigner);
  const alone = await statusWith(
    lab,
    foreigner,
    'it leads a cluster of its own',
    status => status.leader === foreigner && status,
  );
  await scene.pause(scene.isShort ? 2000 : 10_000);
  const [witness = ''] = scene.others(foreigner);
  const ours = await scene.status(witness);
  return {
    findings: [
      claim('the foreigner is alone in its cluster', alone.levelers.length === 1),
      calmly(`our leader leads on (${ours?.leader})`, ours?.leader === scene.leader),
      claim(
        'and counts what it hears',
        ours?.reasons.some(({name, count}) => /^datagram (unknown-key|wrong-cluster)$/.test(name) && count > 0) ===
          true,
      ),
      claim('our levelers still have one state', ours?.agree === true),
    ],
  };
}

/** Another cluster has other addresses, or it would answer for ours. */
function foreignConfig(config: string, name: string): string {
  return config
    .replace(/^name = .*$/m, `name = "${name}"`)
    .replaceAll('10.0.0.200', '10.0.0.240')
    .replaceAll('fd00:a::200', 'fd00:a::240')
    .replaceAll('10.0.1.254', '10.0.1.240')
    .replaceAll('fd00:b::254', 'fd00:b::240');
}
