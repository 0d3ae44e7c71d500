import {holderOf, statusWith} from '@tacoplex/lab';
import {untilWhole} from './cluster.ts';
import {claim, type Fault, type Shown, within} from './fault.ts';
import {forwards} from './forwards.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

/** Rows about processes and machines that die or stop. */
export const crashes: readonly Fault[] = [
  {
    row: 1,
    title: "the holder's ARP process is killed",
    how: 'kill -9 arp-announcer',
    cases: [{name: '', verdict: {kind: 'G', gapMs: 300}, play: killAnnouncer}],
  },
  {
    row: 2,
    title: "the leader's elector is killed",
    how: 'kill -9 elector',
    cases: [{name: '', verdict: {kind: 'Z'}, play: killLeader}],
  },
  {
    row: 5,
    title: 'all processes of the holder are killed',
    how: 'stop its supervisord, then kill -9',
    cases: [{name: '', verdict: {kind: 'G', gapMs: 300}, play: killAll}],
  },
  {
    row: 6,
    title: 'a holder that leads loses power',
    how: 'as row 9; no bin is moving meanwhile',
    cases: [{name: '', verdict: {kind: 'G', gapMs: 400}, play: cutLeadingHolder}],
  },
  {
    row: 7,
    title: 'the holder is frozen, and thaws',
    how: 'all its processes stopped at once',
    cases: [
      {name: '200 ms', verdict: {kind: 'G', gapMs: 300}, play: async scene => freezeHolder(scene, 200)},
      {
        name: '2 s',
        verdict: {kind: 'G', gapMs: 300},
        provenBy: proofs.freezes,
        play: async scene => freezeHolder(scene, 2000),
      },
      {
        name: '60 s',
        verdict: {kind: 'G', gapMs: 300},
        play: async scene => freezeHolder(scene, scene.isShort ? 3000 : 60_000),
      },
    ],
  },
  {
    row: 8,
    title: 'the leader is frozen with a command in flight',
    how: 'SIGSTOP to its elector for 2 s while a follower is asked for a change',
    cases: [{name: '', verdict: {kind: 'Z'}, play: freezeLeader}],
  },
  {
    row: 9,
    title: 'power loss',
    how: 'no frame passes its cables, no process of it runs, from one moment on',
    cases: [
      {name: 'holder', verdict: {kind: 'G', gapMs: 300}, play: cutHolder},
      {name: 'all but one', verdict: {kind: 'G', gapMs: 300}, play: cutAllButOne},
    ],
  },
];

async function killAnnouncer({lab, holder}: Scene): Promise<Shown> {
  const former = await lab.killProcess(holder, 'arp-announcer');
  await lab.waitForSuccessor(holder, 'arp-announcer', former);
  return {};
}

async function killLeader(scene: Scene): Promise<Shown> {
  const {lab, leader} = scene;
  const killedMs = Date.now();
  const former = await lab.killProcess(leader, 'elector');
  const {afterMs} = await scene.nextLeader(scene.levelers, killedMs);
  await lab.waitForSuccessor(leader, 'elector', former);
  return {findings: [within('somebody leads again', afterMs, 300)], figures: {leaderMs: afterMs}};
}

async function killAll(scene: Scene): Promise<Shown> {
  const {lab, holder} = scene;
  await lab.signalAll(holder, 'SIGSTOP', 'init');
  await lab.signalAll(holder, 'SIGKILL', 'others');
  const successor = await scene.nextHolder(scene.others(holder)[0] ?? '', holder);
  await scene.pause(2200);
  const isFenced = !(await forwards(scene, holder));
  const doesForward = await forwards(scene, successor);
  await lab.signalAll(holder, 'SIGCONT', 'init');
  await lab.waitForProcesses(holder);
  return {
    findings: [
      claim('2.2 s after its processes died its data path forwards nothing', isFenced),
      claim('its successor forwards', doesForward),
    ],
  };
}

async function freezeHolder(scene: Scene, ms: number): Promise<Shown> {
  const {lab, holder} = scene;
  lab.freeze(holder);
  await scene.pause(ms);
  const witness = scene.others(holder)[0] ?? '';
  const isLong = ms > 1000;
  const successor = isLong ? await scene.nextHolder(witness, holder) : holder;
  const isFenced = ms <= 2200 || !(await forwards(scene, holder));
  const thawedMs = Date.now();
  lab.thaw(holder);
  if (!isLong) {
    return {};
  }

  const heard = await scene.logged([witness], 'elector', new RegExp(`leveler heard .*name=${holder}$`), thawedMs);
  await scene.pause(1000);
  const now = await scene.holderSeenBy(witness);
  return {
    findings: [
      claim('a frozen leveler whose lease is over forwards nothing', isFenced),
      claim(`it does not take the LevIP back from ${successor}`, now === successor),
      within('it is back', heard.atMs - thawedMs, 2000),
    ],
    figures: {backMs: heard.atMs - thawedMs},
  };
}

async function freezeLeader(scene: Scene): Promise<Shown> {
  const {lab, leader} = scene;
  const group = `fault-${scene.draw(1_000_000)}`;
  const asked = lab.exec(scene.pick(scene.others(leader)), ['taco', 'group', 'add', group]);
  await scene.pause(100 + scene.draw(250)); // taco takes some time to start
  await lab.killProcess(leader, 'elector', 'SIGSTOP');
  await scene.pause(2000);
  await lab.killProcess(leader, 'elector', 'SIGCONT');
  const {code, stderr} = await asked;
  await scene.pause(1000);
  const {stdout} = await lab.exec(leader, ['taco', 'group', 'list', '--json']);
  const times = stdout.split(`"${group}"`).length - 1;
  if (times > 0) {
    await lab.exec(leader, ['taco', 'group', 'remove', group]);
  }

  return {
    findings: [
      claim(
        `what was done is there once, what was refused says why (exit ${code}, ${times} times: ${stderr.trim()})`,
        code === 0 ? times === 1 : times <= 1 && stderr !== '',
      ),
    ],
    figures: {doneCount: code === 0 ? 1 : 0},
  };
}

async function cutHolder(scene: Scene): Promise<Shown> {
  const {lab, holder} = scene;
  await lab.powerOff(holder);
  await scene.nextHolder(scene.others(holder)[0] ?? '', holder);
  await scene.pause(scene.isShort ? 0 : 1000);
  await lab.powerOn(holder);
  return {};
}

async function cutLeadingHolder(scene: Scene): Promise<Shown> {
  const {lab, holder} = scene;
  await makeLead(scene, holder);
  const cutMs = Date.now();
  await lab.powerOff(holder);
  const {afterMs} = await scene.nextLeader(scene.others(holder), cutMs);
  await scene.nextHolder(scene.others(holder)[0] ?? '', holder);
  return {figures: {leaderMs: afterMs}};
}

/** Kill the leading elector until it is this one that leads: whoever else could stands still until somebody does. */
async function makeLead(scene: Scene, leveler: string): Promise<void> {
  const {lab} = scene;
  const leaderNow = async (): Promise<string> =>
    statusWith(lab, leveler, 'somebody leads', ({leader}) => leader ?? undefined);
  for (let leader = await leaderNow(); leader !== leveler; leader = await leaderNow()) {
    const rivals = scene.others(leveler, leader);
    await Promise.all(rivals.map(async rival => lab.killProcess(rival, 'elector', 'SIGSTOP')));
    try {
      const killedMs = Date.now();
      await lab.killProcess(leader, 'elector');
      await scene.nextLeader(scene.others(...rivals), killedMs);
    } finally {
      await Promise.all(rivals.map(async rival => lab.killProcess(rival, 'elector', 'SIGCONT')));
    }

    await untilWhole(lab);
  }
}

async function cutAllButOne(scene: Scene): Promise<Shown> {
  const {lab} = scene;
  const left = scene.pick(scene.levelers);
  await Promise.all(scene.others(left).map(async leveler => lab.powerOff(leveler)));
  await statusWith(lab, left, 'it holds the LevIP', status => holderOf(status) === left);
  await scene.pause(2500); // Longer than a lease
  const refused = await lab.exec(left, ['taco', 'group', 'add', 'never']);
  return {
    findings: [
      claim('the last one forwards', await forwards(scene, left)),
      claim(
        `and refuses a change (${refused.stderr.trim().split('\n')[0]})`,
        refused.code === 1 && /no majority/.test(refused.stderr),
      ),
    ],
  };
}
