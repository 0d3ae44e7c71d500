import {partition, type Trouble} from '@tacoplex/lab';
import {untilWhole} from './cluster.ts';
import {claim, type Fault, type Shown, within} from './fault.ts';
import {forwards} from './forwards.ts';
import type {Finding} from './measured.ts';
import type {Scene} from './scene.ts';

/** Rows of the scorecard about nets that fall apart. */
export const partitions: readonly Fault[] = [
  {
    row: 13,
    title: 'net A falls apart',
    how: 'a leveler on one side, the others and the router on the other; nothing passes',
    cases: [
      {
        name: 'holder with the router',
        verdict: {kind: 'Z'},
        play: async scene => splitA(scene, otherThanHolder(scene)),
      },
      {
        name: 'holder without the router',
        verdict: {kind: 'Z'},
        play: async scene => splitA(scene, scene.holder),
      },
    ],
  },
  {
    row: 14,
    title: 'net B falls apart',
    how: 'a leveler on one side, the others and all servers on the other; nothing passes',
    cases: [
      {
        name: 'holder with the servers',
        verdict: {kind: 'Z'},
        play: async scene => splitB(scene, otherThanHolder(scene)),
      },
      {
        name: 'holder without the servers',
        verdict: {kind: 'Z'},
        play: async scene => splitB(scene, scene.holder),
      },
    ],
  },
  {
    row: 15,
    title: 'both nets fall apart, two levelers and one',
    how: 'nothing passes; or what levelers say to each other does not, and ARP and data do',
    cases: [
      {name: 'nothing passes', verdict: {kind: 'R'}, play: splitBoth},
      {name: 'beats alone cut', verdict: {kind: 'R'}, play: silence},
    ],
  },
];

function otherThanHolder(scene: Scene): string {
  return scene.pick(scene.others(scene.holder));
}

function serversOf({lab}: Scene): string[] {
  return lab.servers.map(({name}) => name);
}

async function splitA(scene: Scene, alone: string): Promise<Shown> {
  return split(scene, alone, partition([alone], [...scene.others(alone), 'router'], {wires: ['net-a']}));
}

async function splitB(scene: Scene, alone: string): Promise<Shown> {
  return split(scene, alone, partition([alone], [...scene.others(alone), ...serversOf(scene)], {wires: ['net-b']}));
}

/** One net keeps the levelers together: one of them leads, and one of the larger side holds the LevIP. */
async function split(scene: Scene, alone: string, troubles: readonly Trouble[]): Promise<Shown> {
  await scene.trouble.make(troubles);
  await scene.pause(scene.isShort ? 4000 : 10_000);
  const findings = [await oneLeader(scene, scene.levelers), await heldByOthers(scene, alone)];
  await scene.trouble.make([]);
  return {findings};
}

async function splitBoth(scene: Scene): Promise<Shown> {
  const alone = scene.pick(scene.levelers);
  const others = scene.others(alone);
  return part(scene, alone, [
    ...partition([alone], [...others, 'router'], {wires: ['net-a']}),
    ...partition([alone], [...others, ...serversOf(scene)], {wires: ['net-b']}),
  ]);
}

async function silence(scene: Scene): Promise<Shown> {
  const alone = scene.pick(scene.levelers);
  return part(scene, alone, partition([alone], scene.others(alone), {kind: 'cluster'}));
}

/** The larger side leads, forwards and changes things; the smaller one does none of it; then they are one again. */
async function part(scene: Scene, alone: string, troubles: readonly Trouble[]): Promise<Shown> {
  const {lab, trouble} = scene;
  const others = scene.others(alone);
  const group = `fault-${scene.draw(1_000_000)}`;
  await trouble.make(troubles);
  await scene.pause(3500); // Longer than a lease, and the question whether others serve
  const refused = await lab.exec(alone, ['taco', 'group', 'add', `${group}-alone`]);
  const added = await lab.exec(others[0] ?? '', ['taco', 'group', 'add', group]);
  const findings = [
    await oneLeader(scene, others),
    await heldByOthers(scene, alone),
    claim(
      `the smaller side refuses a change (${refused.stderr.trim().split('\n')[0]})`,
      refused.code === 1 && /no majority/.test(refused.stderr),
    ),
    claim(`the larger side makes one (${added.stderr.trim()})`, added.code === 0),
    claim('the smaller side forwards nothing', !(await forwards(scene, alone))),
  ];
  const healedMs = performance.now();
  await trouble.make([]);
  await untilWhole(lab);
  const healMs = performance.now() - healedMs;
  await lab.exec(others[0] ?? '', ['taco', 'group', 'remove', group]);
  return {findings: [...findings, within('they are one again', healMs, 2000)], figures: {healMs}};
}

async function oneLeader(scene: Scene, levelers: readonly string[]): Promise<Finding> {
  const views = await Promise.all(levelers.map(async leveler => scene.status(leveler)));
  const leaders = [...new Set(views.map(view => view?.leader ?? 'nobody'))];
  return claim(
    `${levelers.length} agree on one leader (${leaders.join(', ')})`,
    leaders.length === 1 && leaders[0] !== 'nobody',
  );
}

async function heldByOthers(scene: Scene, alone: string): Promise<Finding> {
  const holder = await scene.holderSeenBy(scene.others(alone)[0] ?? '');
  return claim(
    `one of the larger side holds the LevIP (${holder ?? 'nobody'})`,
    holder !== alone && holder !== undefined,
  );
}
