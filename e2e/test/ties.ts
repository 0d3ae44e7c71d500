import {casesOfTests, catalogue, crewOf, leaveLab, stageOn} from '@tacoplex/faults';
import {onStage, playOnce} from '../src/index.ts';
import {lab} from './two-levelers.ts';

const test = onStage();

for (const fault of catalogue.filter(one => crewOf(one) === 'two levelers')) {
  for (const one of casesOfTests(fault)) {
    test(`row ${fault.row}, ${one.name}: ${fault.title}`, async t => {
      const stage = await stageOn(lab(), {isShort: true, connections: 10, requestsPerSecond: 5});
      t.teardown(async () => leaveLab(stage));
      await playOnce(t, stage, one, fault.row);
    });
  }
}
