import {seeItGiveWay} from './carrying.ts';
import {claim, type Fault, type FaultCase, type Proof, type Shown} from './fault.ts';
import type {Finding} from './measured.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

type Hung = {
  readonly process: 'elector' | 'arp-announcer' | 'admin-broker';
  /** Waits until somebody tells of it. */
  readonly told: (scene: Scene, sinceMs: number) => Promise<Finding>;
  /** What else proves the shortest case. */
  readonly provenBy?: readonly Proof[];
};

const hungs: readonly Hung[] = [
  {process: 'elector', told: othersMissIt, provenBy: proofs.hungElector},
  {process: 'arp-announcer', told: othersAnswer},
  {process: 'admin-broker', told: tacoTellsOfIt, provenBy: proofs.hungBroker},
];

/** Rows about single processes that live, but do nothing. */
export const hangs: readonly Fault[] = [
  {
    row: 48,
    title: 'one process of the holder hangs',
    how: 'kill -STOP',
    cases: hungs.flatMap(hung => [
      caseOf(hung, 5000, hung.provenBy),
      ...[20_000, 60_000].map(ms => caseOf(hung, ms, hung.provenBy ?? proofs.hungAnnouncer)),
    ]),
  },
];

function caseOf(hung: Hung, ms: number, provenBy: readonly Proof[] | undefined): FaultCase {
  return {
    name: `${hung.process} for ${ms / 1000} s`,
    verdict: {kind: 'G', gapMs: 300},
    ...(provenBy && {provenBy}),
    play: async scene => hang(scene, hung, ms),
  };
}

/** In a hurry it lasts for as long as it takes until somebody tells, but longer than a lease. */
async function hang(scene: Scene, {process, told}: Hung, ms: number): Promise<Shown> {
  const {lab, holder} = scene;
  const stoppedMs = Date.now();
  await lab.killProcess(holder, process, 'SIGSTOP');
  try {
    const [finding] = await Promise.all([told(scene, stoppedMs), scene.pause(scene.isShort ? 2500 : ms)]);
    return {findings: [finding]};
  } finally {
    await lab.killProcess(holder, process, 'SIGCONT');
  }
}

async function othersMissIt(scene: Scene, sinceMs: number): Promise<Finding> {
  const {holder} = scene;
  await scene.logged(scene.others(holder), 'elector', new RegExp(`leveler silent .*name=${holder}$`), sinceMs);
  return claim(`others take ${holder} for dead, and say so`, true);
}

/**
 * A router that has known a MAC address for long asks again, and gives it up if nobody answers. In a laboratory it never does:
 * what clients in other namespaces acknowledge confirms the router's entry as well. So it is made to forget.
 */
async function othersAnswer(scene: Scene): Promise<Finding> {
  const {lab, holder} = scene;
  await seeItGiveWay(scene, holder, /arp-announcer is silent/);
  await lab.exec('router', ['ip', 'neigh', 'flush', 'dev', 'a0']);
  return claim('others hold the LevIP, say why, and answer the router, which asks anew', true);
}

async function tacoTellsOfIt({lab, holder}: Scene): Promise<Finding> {
  const {code, stderr} = await lab.exec(holder, ['taco', 'status']);
  const said = stderr.trim().split('\n')[0] ?? '';
  return claim(`taco says who does not answer (exit ${code}: ${said})`, code === 1 && said.includes('admin-broker'));
}
