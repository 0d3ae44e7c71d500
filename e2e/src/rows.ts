import {
  type Crew,
  catalogue,
  closeStage,
  crewOf,
  openStage,
  type RunResult,
  runFault,
  type Stage,
} from '@tacoplex/faults';
import anyTest from 'ava';
import {type ExecutionContext, onStage} from './stage.ts';

/**
 * Play some rows of the fault catalogue once each, one after the other in one cluster: a test for each case, named after
 * its row, but for those that cannot pass yet. Counts and states are judged; elapsed time is not, since the machine has other
 * things to do. A case that fails is played once more, and that is what counts: a machine that stood still at the wrong
 * moment does not do it twice. Call it once in a file.
 *
 * @param crew only those that it plays
 */
export function declareRows(name: string, rows: readonly number[], crew: Crew = 'three levelers'): void {
  const test = onStage();
  const faults = catalogue.filter(fault => rows.includes(fault.row) && crewOf(fault) === crew);
  let stage: Stage | undefined;
  if (process.getuid?.() === 0) {
    anyTest.before('build the cluster', async t => {
      t.timeout(120_000);
      const hasClock = faults.some(({needsClock = false}) => needsClock);
      const load = {connections: 10, requestsPerSecond: 5};
      stage = await openStage({name, engine: 'auto', isShort: true, hasClock, crew, ...load});
    });
    anyTest.after.always('remove the cluster', async () => stage && closeStage(stage));
  }

  for (const {row, title, cases} of faults) {
    for (const one of cases) {
      test(`row ${row}${one.name === '' ? '' : `, ${one.name}`}: ${title}`, async t => {
        t.timeout(360_000);
        const first = await runFault(stage!, one, row, false);
        t.log(JSON.stringify(first));
        t.deepEqual(first.faults.length === 0 ? [] : await again(t, async () => runFault(stage!, one, row, false)), []);
      });
    }
  }
}

async function again(t: ExecutionContext, play: () => Promise<RunResult>): Promise<readonly string[]> {
  const second = await play();
  t.log('played once more', JSON.stringify(second));
  return second.faults;
}
