import {catalogue, closeStage, openStage, runFault, type Stage} from '@tacoplex/faults';
import anyTest from 'ava';
import {onStage} from './stage.ts';

/**
 * Play some rows of the fault catalogue once each, one after the other in one cluster: a test for each case, named after
 * its row, but for those that cannot pass yet. Counts and states are judged; elapsed time is not, since the machine has other things to do. Call it once in
 * a file.
 */
export function declareRows(name: string, rows: readonly number[]): void {
  const test = onStage();
  const faults = catalogue.filter(({row}) => rows.includes(row));
  let stage: Stage | undefined;
  if (process.getuid?.() === 0) {
    anyTest.before('build the cluster', async t => {
      t.timeout(120_000);
      const hasClock = faults.some(({needsClock = false}) => needsClock);
      stage = await openStage({name, engine: 'auto', isShort: true, hasClock, connections: 10, requestsPerSecond: 5});
    });
    anyTest.after.always('remove the cluster', async () => stage && closeStage(stage));
  }

  for (const {row, title, cases} of faults) {
    for (const one of cases.filter(({lacks}) => lacks === undefined)) {
      test(`row ${row}${one.name === '' ? '' : `, ${one.name}`}: ${title}`, async t => {
        t.timeout(180_000);
        const result = await runFault(stage!, one, row, false);
        t.log(JSON.stringify(result));
        t.deepEqual(result.faults, []);
      });
    }
  }
}
