import {cpSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {statusWith} from '@tacoplex/lab';
import {untilWhole} from './cluster.ts';
import {claim, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

const folder = '/var/lib/tacoplex';

/** The row about what was said to be on the disk. */
export const fullDisks: readonly Fault[] = [
  {
    row: 55,
    title: 'what was answered as committed is there after a power cut of all',
    how: 'state folders that are full; a change; all levelers lose power at once',
    cases: [
      {
        name: 'one is full',
        verdict: {kind: 'R'},
        provenBy: proofs.oneFullDisk,
        play: async scene => cutAllWithFullDisks(scene, [scene.pick(scene.levelers)]),
      },
      {name: 'all are full', verdict: {kind: 'R'}, play: async scene => cutAllWithFullDisks(scene, scene.levelers)},
    ],
  },
];

async function cutAllWithFullDisks(scene: Scene, full: readonly string[]): Promise<Shown> {
  const {lab} = scene;
  const group = `fault-${scene.draw(1_000_000)}`;
  await Promise.all(full.map(async leveler => fill(scene, leveler)));
  const [witness = ''] = full.length < scene.levelers.length ? scene.others(...full) : scene.levelers;
  const {code, stdout, stderr} = await lab.exec(witness, ['taco', 'group', 'add', group]);
  const said = `exit ${code}: ${[stdout, stderr].join(' ').trim().split('\n').join(' ')}`;
  const told = await statusWith(lab, witness, 'it says whose disks are full', ({levelers, warnings}) => {
    const faulty = levelers.filter(({diskFault}) => diskFault?.includes('state.pb: ENOSPC')).map(({name}) => name);
    const isWarned = full.every(name => warnings.some(({what}) => what.includes(`${name} cannot write to its disk`)));
    return isWarned && faulty.length === full.length && faulty;
  });
  await cutPowerOfAll(scene, full);
  await untilWhole(lab);
  const isThere = (await groups(scene, witness)).includes(group);
  const again = await lab.exec(witness, ['taco', 'group', isThere ? 'remove' : 'add', group]);
  const undone = isThere ? again : await lab.exec(witness, ['taco', 'group', 'remove', group]);
  return {
    findings: [
      claim(
        `where ${full.length} of ${scene.levelers.length} are full the change is ${said}`,
        isRight(code, full, scene),
      ),
      claim(`status has warned of ${told.join(', ')}`, told.length === full.length),
      claim(`what was answered as committed is there (${isThere ? 'it is' : 'it is not'})`, isThere || code !== 0),
      claim(
        `changes are made again (${again.stderr.trim()} ${undone.stderr.trim()})`,
        again.code === 0 && undone.code === 0,
      ),
    ],
  };
}

/** A minority that cannot write holds nobody up, a majority does. */
function isRight(code: number | null, full: readonly string[], {levelers}: Scene): boolean {
  return full.length < levelers.length / 2 ? code === 0 : code === 1;
}

async function groups({lab}: Scene, leveler: string): Promise<readonly string[]> {
  const {stdout} = await lab.exec(leveler, ['taco', 'group', 'list', '--json']);
  return [...stdout.matchAll(/"(fault-\d+)"/g)].map(([, name = '']) => name);
}

/**
 * From now on its state folder has room for a vote, and none for a state: a small one over it, with all that was there,
 * and nearly full.
 */
async function fill({lab}: Scene, leveler: string): Promise<void> {
  const script = [
    'set -e',
    'kept=$(mktemp -d)',
    `cp -a ${folder}/. $kept`,
    `mount -t tmpfs -o size=1m tmpfs ${folder}`,
    `cp -a $kept/. ${folder}`,
    'rm -r $kept',
    `dd if=/dev/zero of=${folder}/ballast bs=4k 2>/dev/null || true`,
    `truncate --size=-16k ${folder}/ballast`,
  ];
  const {code, stderr} = await lab.exec(leveler, ['sh', '-c', script.join('\n')]);
  if (code !== 0) {
    throw new Error(`${leveler}: ${stderr.trim()}`);
  }
}

/**
 * All levelers at once. The small folder goes with their mounts: what stands in it as the power fails is what they find
 * when it is back.
 */
async function cutPowerOfAll({lab, levelers}: Scene, full: readonly string[]): Promise<void> {
  const pids = await Promise.all(full.map(async leveler => lab.processPid(leveler, 'elector')));
  await Promise.all(levelers.map(async leveler => lab.powerOff(leveler)));
  for (const [index, leveler] of full.entries()) {
    carryOver(`/proc/${pids[index]}/root${folder}`, join(lab.folder, leveler, 'lib'));
  }

  await Promise.all(levelers.map(async leveler => lab.clearAway(leveler)));
  await Promise.all(levelers.map(async leveler => lab.powerOn(leveler)));
}

function carryOver(from: string, to: string): void {
  for (const name of readdirSync(to)) {
    rmSync(join(to, name), {recursive: true});
  }

  for (const name of readdirSync(from).filter(name => name !== 'ballast')) {
    cpSync(join(from, name), join(to, name), {preserveTimestamps: true});
  }
}
