import {cut} from '@tacoplex/lab';
import {calmly, claim, type Fault, type Shown, within} from './fault.ts';
import type {Scene} from './scene.ts';

/** Rows about levelers that hear each other one way only. */
export const cuts: readonly Fault[] = [
  {
    row: 16,
    title: 'a follower does not hear the leader',
    how: "the leader's datagrams to it are lost on both nets",
    cases: [{name: '', verdict: {kind: 'Z'}, play: deafFollower}],
  },
  {
    row: 17,
    title: 'the leader does not hear the followers',
    how: "the followers' datagrams to it are lost on both nets",
    cases: [{name: '', verdict: {kind: 'R'}, play: deafLeader}],
  },
  {
    row: 18,
    title: 'a leveler hears nobody but is heard',
    how: 'datagrams to it are lost on both nets',
    cases: [
      {name: 'holder', verdict: {kind: 'Z'}, play: async scene => deafLeveler(scene, scene.holder)},
      {
        name: 'other',
        verdict: {kind: 'Z'},
        play: async scene => deafLeveler(scene, scene.pick(scene.others(scene.holder))),
      },
    ],
  },
];

async function deafFollower(scene: Scene): Promise<Shown> {
  const follower = scene.pick(scene.others(scene.leader));
  const [third = ''] = scene.others(scene.leader, follower);
  const before = await scene.status(third);
  await scene.trouble.make([{...cut, kind: 'cluster', from: scene.leader, to: follower}]);
  await scene.pause(3000);
  const during = await scene.status(third);
  await scene.trouble.make([]);
  const rise = (during?.term ?? 0) - (before?.term ?? 0);
  return {
    findings: [
      calmly(`terms do not rise (${rise})`, rise === 0),
      calmly(`${scene.leader} leads on`, during?.leader === scene.leader),
    ],
  };
}

async function deafLeader(scene: Scene): Promise<Shown> {
  const {leader, trouble} = scene;
  const cutMs = Date.now();
  await trouble.make([{...cut, kind: 'cluster', to: leader}]);
  const resigned = await scene.logged([leader], 'elector', /majority lost, no longer leading/, cutMs);
  const next = await scene.nextLeader(scene.others(leader), cutMs);
  await scene.pause(1000);
  await trouble.make([]);
  return {
    findings: [within('the leader resigns', resigned.atMs - cutMs, 200), within('another leads', next.afterMs, 500)],
    figures: {resignedMs: resigned.atMs - cutMs, leaderMs: next.afterMs},
  };
}

async function deafLeveler(scene: Scene, deaf: string): Promise<Shown> {
  const {trouble} = scene;
  const [witness = ''] = scene.others(deaf);
  await trouble.make([{...cut, kind: 'cluster', to: deaf}]);
  const holder = deaf === scene.holder ? await scene.nextHolder(witness, deaf) : scene.holder;
  await scene.pause(2500);
  const now = await scene.holderSeenBy(witness);
  await trouble.make([]);
  return {findings: [claim(`${holder} holds the LevIP, undisturbed (${now ?? 'no answer'})`, now === holder)]};
}
