import {
  type Crew,
  casesOfTests,
  catalogue,
  closeStage,
  crewOf,
  type FaultCase,
  openStage,
  type RunResult,
  runFault,
  type Stage,
} from '@tacoplex/faults';
import type {Engine} from '@tacoplex/lab';
import anyTest from 'ava';
import {type ExecutionContext, onStage} from './stage.ts';

export type RowsStage = {
  readonly name: string;
  /** Default: auto. */
  readonly engine?: Engine;
  /** Default: three levelers. */
  readonly crew?: Crew;
  /** Whether the wall clock of levelers can be set. */
  readonly hasClock?: boolean;
};

/**
 * A cluster under load for all tests of one file: built before the first, removed after the last. After a test that failed
 * it is built anew, so that what that test has left behind fails no other. Call it once in a file.
 *
 * @returns gives the stage, once tests run
 */
export function stageRows({name, engine = 'auto', crew = 'three levelers', hasClock = false}: RowsStage): () => Stage {
  let stage: Stage | undefined;
  const open = async (): Promise<void> => {
    stage = await openStage({name, engine, crew, hasClock, isShort: true, connections: 10, requestsPerSecond: 5});
  };
  const close = async (): Promise<void> => {
    const last = stage;
    stage = undefined;
    await (last && closeStage(last));
  };
  if (process.getuid?.() === 0) {
    anyTest.before('build the cluster', open);
    anyTest.beforeEach('build it anew', async () => {
      if (stage === undefined) {
        await open();
      }
    });
    anyTest.afterEach.always('remove it if the test failed', async t => (t.passed ? undefined : close()));
    anyTest.after.always('remove the cluster', close);
  }

  return () => {
    if (stage === undefined) {
      throw new Error('the cluster was not built');
    }

    return stage;
  };
}

/**
 * Play the rows of the fault catalogue once each, one after the other in one cluster: a test for each case, named after
 * its row, but for those that another test proves.
 *
 * @param stage of this crew
 */
export function declareRows(stage: () => Stage, crew: Crew, {needsClock = false} = {}): void {
  const test = onStage();
  const faults = catalogue.filter(fault => crewOf(fault) === crew && (fault.needsClock ?? false) === needsClock);
  for (const fault of faults) {
    for (const one of casesOfTests(fault)) {
      const {row, title} = fault;
      test(`row ${row}${one.name === '' ? '' : `, ${one.name}`}: ${title}`, async t => {
        await playOnce(t, stage(), one, row);
      });
    }
  }
}

/**
 * Play a case. Counts and states are judged; elapsed time is not, since the machine has other things to do. A case that fails
 * is played once more, and that is what counts: a machine that stood still at the wrong moment does not do it twice.
 */
export async function playOnce(t: ExecutionContext, stage: Stage, one: FaultCase, seed: number): Promise<void> {
  const first = await runFault(stage, one, seed, false);
  t.log(JSON.stringify(first));
  t.deepEqual(first.faults.length === 0 ? [] : await again(t, async () => runFault(stage, one, seed, false)), []);
}

async function again(t: ExecutionContext, play: () => Promise<RunResult>): Promise<readonly string[]> {
  const second = await play();
  t.log('played once more', JSON.stringify(second));
  return second.faults;
}
