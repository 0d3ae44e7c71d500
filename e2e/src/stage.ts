import {configureCluster, createLab, type Lab, type LabOptions} from '@tacoplex/lab';
import anyTest, {type ExecutionContext, type TestFn} from 'ava';

/** Tests that need root, because they make network namespaces; one after the other. */
export function onStage(): TestFn['serial'] {
  return process.getuid?.() === 0 ? anyTest.serial : (anyTest.serial.skip as TestFn['serial']);
}

/**
 * A cluster for all tests of one file: built before the first, removed after the last, whatever happened. Call it once
 * in a file.
 *
 * @returns gives the laboratory, once tests run
 */
export function stageCluster(options: Partial<LabOptions> & {readonly name: string}): () => Lab {
  let lab: Lab | undefined;
  if (process.getuid?.() === 0) {
    anyTest.before('build the cluster', async () => {
      lab = await createLab(options);
      await configureCluster(lab);
    });
    anyTest.afterEach.always(async t => {
      if (!t.passed && lab !== undefined) {
        t.log(await lastWords(lab));
      }
    });
    anyTest.after.always('remove the cluster', async () => lab?.down());
  }

  return () => {
    if (lab === undefined) {
      throw new Error('the cluster was not built');
    }

    return lab;
  };
}

/** The end of every log, for a test that failed. */
async function lastWords(lab: Lab): Promise<string> {
  const logs = await Promise.all(
    lab.levelers.map(
      async ({name}) => (await lab.exec(name, ['sh', '-c', 'tail -n 12 /var/log/tacoplex/*.log'])).stdout,
    ),
  ).catch((error: unknown) => [String(error)]);
  return logs.join('\n');
}

export type {ExecutionContext};
