import {partition, type Trouble} from '@tacoplex/lab';
import {untilWhole} from './cluster.ts';
import {claim, type Fault, type Shown, within} from './fault.ts';
import {forwards} from './forwards.ts';
import type {Finding} from './measured.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

/** Rows about nets that fall apart. */
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
    how: 'a leveler on one side, the others and all servers, or most, on the other; nothing passes',
    cases: [
      {
        name: 'holder with the servers',
        verdict: {kind: 'Z'},
        play: async scene => splitB(scene, otherThanHolder(scene)),
      },
      {
        name: 'holder without the servers',
        verdict: {kind: 'G', gapMs: 600},
        play: async scene => splitB(scene, scene.holder),
      },
      {
        name: 'holder with one server of three',
        verdict: {kind: 'R'},
        play: async scene => splitB(scene, scene.holder, 1),
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
  {
    row: 15,
    title: 'both nets fall apart between two levelers',
    how: 'as above; neither has a majority',
    crew: 'two levelers',
    cases: [
      {name: '1:1, nothing passes', verdict: {kind: 'R'}, play: tieApart},
      {name: '1:1, beats alone cut', verdict: {kind: 'R'}, provenBy: proofs.beatsAloneCutBetweenTwo, play: tieSilent},
    ],
  },
  {
    row: 15,
    title: 'both nets fall apart, a leveler and the witness on one side',
    how: 'as above',
    crew: 'two levelers and a witness',
    cases: [
      {name: 'witness, nothing passes', verdict: {kind: 'R'}, play: splitBoth},
      {name: 'witness, beats alone cut', verdict: {kind: 'R'}, play: silence},
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

/** @param kept so many servers are on the side of the one */
async function splitB(scene: Scene, alone: string, kept = 0): Promise<Shown> {
  const [near, far] = [serversOf(scene).slice(0, kept), serversOf(scene).slice(kept)];
  return split(scene, alone, partition([alone, ...near], [...scene.others(alone), ...far], {wires: ['net-b']}));
}

/** One net keeps the levelers together: one of them leads, and one of the larger side holds the LevIP. */
async function split(scene: Scene, alone: string, troubles: readonly Trouble[]): Promise<Shown> {
  await scene.trouble.make(troubles);
  await scene.pause(scene.isShort ? 3000 : 10_000);
  const findings = [await oneLeader(scene, scene.levelers), await heldByOthers(scene, alone)];
  await scene.trouble.make([]);
  return {findings};
}

async function splitBoth(scene: Scene): Promise<Shown> {
  const alone = scene.pick(scene.levelers);
  return part(scene, alone, apart(scene, alone));
}

async function silence(scene: Scene): Promise<Shown> {
  const alone = scene.pick(scene.levelers);
  return part(scene, alone, silent(scene, alone));
}

/** Nothing passes between a leveler and everybody else. */
function apart(scene: Scene, alone: string): Trouble[] {
  const others = membersBut(scene, alone);
  return [
    ...partition([alone], [...others, 'router'], {wires: ['net-a']}),
    ...partition([alone], [...others, ...serversOf(scene)], {wires: ['net-b']}),
  ];
}

/** What members say to a leveler is lost, and what it says to them. */
function silent(scene: Scene, alone: string): Trouble[] {
  return partition([alone], membersBut(scene, alone), {kind: 'cluster'});
}

function membersBut({lab}: Scene, alone: string): string[] {
  return lab.plan.hosts.flatMap(({name, role}) =>
    (role === 'leveler' || role === 'witness') && name !== alone ? [name] : [],
  );
}

async function tieApart(scene: Scene): Promise<Shown> {
  const alone = scene.pick(scene.levelers);
  const [other = ''] = scene.others(alone);
  const serve = async (): Promise<Finding[]> => [
    claim(`${other}, where the router is, forwards`, await forwards(scene, other)),
    claim('and holds the LevIP', (await scene.holderSeenBy(other)) === other),
  ];
  return tie(scene, apart(scene, alone), serve);
}

async function tieSilent(scene: Scene): Promise<Shown> {
  const serve = async (): Promise<Finding[]> => {
    const serving: string[] = [];
    for (const leveler of scene.levelers) {
      serving.push(...(await servesAt(scene, leveler)));
    }

    return [claim(`one of them forwards and holds the LevIP (${serving.join('; ') || 'nobody'})`, isOne(serving))];
  };
  return tie(scene, silent(scene, scene.pick(scene.levelers)), serve);
}

function isOne(serving: readonly string[]): boolean {
  return serving.length === 1 && serving[0]?.endsWith('holds it') === true;
}

/** @returns whether a leveler that forwards also holds the LevIP, by its own word; empty if it forwards nothing */
async function servesAt(scene: Scene, leveler: string): Promise<string[]> {
  const [doesForward, holder] = [await forwards(scene, leveler), await scene.holderSeenBy(leveler)];
  return doesForward ? [`${leveler} forwards and ${holder === leveler ? 'holds it' : 'does not hold it'}`] : [];
}

/** Neither side of two changes anything, what must serve serves, and then they are one again. */
async function tie(scene: Scene, troubles: readonly Trouble[], serve: () => Promise<Finding[]>): Promise<Shown> {
  await scene.trouble.make(troubles);
  await scene.pause(3500);
  const group = `fault-${scene.draw(1_000_000)}`;
  const refused = await Promise.all(scene.levelers.map(async leveler => refusal(scene, leveler, group)));
  const findings = [...refused, ...(await serve())];
  const healed = await heal(scene);
  return {findings: [...findings, ...healed.findings], figures: healed.figures};
}

/** For the claim that a leveler without a majority makes no change. */
async function refusal({lab}: Scene, leveler: string, group: string): Promise<Finding> {
  const {code, stderr} = await lab.exec(leveler, ['taco', 'group', 'add', group]);
  const [words = ''] = stderr.trim().split('\n');
  return claim(`${leveler} refuses a change (${words})`, code === 1 && /no majority/.test(stderr));
}

async function heal({lab, trouble}: Scene): Promise<Required<Shown>> {
  const healedMs = performance.now();
  await trouble.make([]);
  await untilWhole(lab);
  const healMs = performance.now() - healedMs;
  return {findings: [within('they are one again', healMs, 2000)], figures: {healMs}};
}

/** The larger side leads, forwards and changes things; the smaller one does none of it; then they are one again. */
async function part(scene: Scene, alone: string, troubles: readonly Trouble[]): Promise<Shown> {
  const {lab, trouble} = scene;
  const others = scene.others(alone);
  const group = `fault-${scene.draw(1_000_000)}`;
  await trouble.make(troubles);
  await scene.pause(3500); // Longer than a lease, and the question whether others serve
  const refused = await refusal(scene, alone, `${group}-alone`);
  const added = await lab.exec(others[0] ?? '', ['taco', 'group', 'add', group]);
  const findings = [
    await oneLeader(scene, others),
    await heldByOthers(scene, alone),
    refused,
    claim(`the larger side makes one (${added.stderr.trim()})`, added.code === 0),
    claim('the smaller side forwards nothing', !(await forwards(scene, alone))),
  ];
  const healed = await heal(scene);
  await lab.exec(others[0] ?? '', ['taco', 'group', 'remove', group]);
  return {findings: [...findings, ...healed.findings], figures: healed.figures};
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
