import {drawFrom} from '@tacoplex/bench';
import {type ClusterStatus, type Lab, statusWith, type Troublemaker} from '@tacoplex/lab';
import {untilWhole} from './cluster.ts';
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
  await untilWhole(lab);
  const before = await glance(lab);
  const scene = new Scene({...stage, draw, leader: before.leader, holder: before.holder});
  await scene.pause(draw(stage.isShort ? phaseMs.short : phaseMs.usual));
  await load.settle(patienceMs);
  await load.take();
  const shown = await playOrTell(scene, fault);
  const mended = await mend(stage);
  await load.settle(patienceMs);
  await scene.pause(afterMs);
  const tally = await load.take();
  const after = mended === undefined ? await glance(lab) : before;
  const measured = {
    ...tally,
    elections: after.term - before.term,
    hasSameTable: after.table === before.table,
    findings: [...(shown.findings ?? []), ...(mended === undefined ? [] : [{claim: mended, holds: false}])],
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

/** Bring back whatever a fault has left behind. @returns what could not be */
async function mend({lab, trouble}: Stage): Promise<string | undefined> {
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
    await untilWhole(lab);
    return undefined;
  } catch (error) {
    return `the cluster is whole afterwards: ${(error as Error).message}`;
  }
}

type Glance = {readonly leader: string; readonly holder: string; readonly term: number; readonly table: string};

async function glance(lab: Lab): Promise<Glance> {
  const find = ({leader, term, addresses}: ClusterStatus): Omit<Glance, 'table'> | undefined => {
    const holder = addresses.find(({net, address}) => net === 'a' && address.includes('.'))?.holder;
    return leader === null || term === null || !holder ? undefined : {leader, term, holder};
  };
  const [witness = ''] = lab.levelers.map(({name}) => name);
  const [seen, {stdout}] = await Promise.all([
    statusWith(lab, witness, 'somebody leads and somebody holds the LevIP', find),
    lab.exec(witness, ['taco', 'table', 'show', '--bins', '--json']),
  ]);
  return {...seen, table: JSON.stringify((JSON.parse(stdout) as {groups: unknown}).groups)};
}
