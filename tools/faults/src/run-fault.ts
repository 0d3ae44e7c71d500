import {drawFrom} from '@tacoplex/bench';
import {type ClusterStatus, holderOf, isWhole, type Lab, statusWith, type Troublemaker} from '@tacoplex/lab';
import type {FaultCase, Shown} from './fault.ts';
import type {Load} from './load.ts';
import type {Measured} from './measured.ts';
import {Scene} from './scene.ts';
import {judge} from './verdict.ts';

/** Where faults are played, one after the other. */
export type Stage = {
  readonly lab: Lab;
  readonly load: Load;
  readonly trouble: Troublemaker;
  readonly isShort: boolean;
  readonly minutes: number;
  readonly signal: AbortSignal | undefined;
};

/** What came of one run. */
export type RunResult = Measured & {
  readonly seed: number;
  /** What did not hold; none: green. */
  readonly faults: readonly string[];
};

/** Faults begin anywhere in a second after the one before; in a hurry, in four beats. */
const phaseMs = {usual: 1000, short: 200} as const;
const afterMs = 500;
const patienceMs = 20_000;

/**
 * Play a fault once, on a cluster that is whole, and judge it.
 *
 * @param isTimed whether elapsed time counts
 */
export async function runFault(stage: Stage, fault: FaultCase, seed: number, isTimed: boolean): Promise<RunResult> {
  const {lab, load} = stage;
  const draw = drawFrom(seed);
  const before = await glanceWhole(lab);
  const scene = new Scene({...stage, draw, leader: before.leader, holder: before.holder});
  const [tableBefore] = await Promise.all([
    tableOf(lab),
    scene.pause(draw(stage.isShort ? phaseMs.short : phaseMs.usual)),
  ]);
  await load.settle(patienceMs);
  await load.take();
  const shown = await playOrTell(scene, fault);
  const after = await mend(stage);
  await load.settle(patienceMs);
  const isMended = typeof after !== 'string';
  const [tableAfter] = await Promise.all([isMended ? tableOf(lab) : tableBefore, scene.pause(afterMs)]);
  const tally = await load.take();
  const measured = {
    ...tally,
    elections: isMended ? after.term - before.term : 0,
    hasSameTable: tableAfter === tableBefore,
    findings: [...(shown.findings ?? []), ...(isMended ? [] : [{claim: after, holds: false}])],
    figures: shown.figures ?? {},
  };
  return {...measured, seed, faults: judge(fault.verdict, measured, isTimed)};
}

/** A wait in vain is a fault of the cluster, not of the run. */
async function playOrTell(scene: Scene, {play}: FaultCase): Promise<Shown> {
  try {
    return await play(scene);
  } catch (error) {
    return {findings: [{claim: (error as Error).message, holds: false}]};
  }
}

/** Bring back whatever a fault has left behind. @returns what is to be seen then; or what could not be brought back */
async function mend({lab, trouble}: Stage): Promise<Glance | string> {
  try {
    await trouble.make([]);
    await Promise.all(
      lab.levelers.map(async ({name}) => {
        if (lab.isOn(name)) {
          lab.thaw(name);
          await lab.signalAll(name, 'SIGCONT', 'init');
          await lab.signalAll(name, 'SIGCONT', 'others');
        }

        await lab.powerOn(name);
        await lab.waitForProcesses(name);
      }),
    );
    return await glanceWhole(lab);
  } catch (error) {
    return `the cluster is whole afterwards: ${(error as Error).message}`;
  }
}

type Glance = {readonly leader: string; readonly holder: string; readonly term: number};

/** All at once: to wait for one after the other takes as long as many a fault. */
async function glanceWhole(lab: Lab): Promise<Glance> {
  const levelers = lab.levelers.map(({name}) => name);
  const find = (status: ClusterStatus): Glance | undefined => {
    const {leader, term} = status;
    const holder = holderOf(status);
    return leader === null || term === null || !holder || !isWhole(status, levelers)
      ? undefined
      : {leader, term, holder};
  };
  const [witness = '', ...others] = levelers;
  const [seen] = await Promise.all([
    statusWith(lab, witness, 'the cluster is whole, somebody leads and somebody holds the LevIP', find),
    ...others.map(async leveler =>
      statusWith(lab, leveler, 'the cluster is whole', status => isWhole(status, levelers)),
    ),
  ]);
  return seen;
}

/** Who serves each bin. */
async function tableOf(lab: Lab): Promise<string> {
  const {stdout} = await lab.exec(lab.levelers[0]?.name ?? '', ['taco', 'table', 'show', '--bins', '--json']);
  return JSON.stringify((JSON.parse(stdout) as {groups: unknown}).groups);
}
