import {configureCluster, createLab, type Engine, type Lab} from '@tacoplex/lab';
import {clockEnvironment} from './clock.ts';
import {Load, type LoadOptions} from './load.ts';
import type {Stage} from './run-fault.ts';

export type StageOptions = LoadOptions & {
  readonly name: string;
  readonly engine: Engine;
  readonly isShort: boolean;
  /** Whether the wall clock of levelers can be set. */
  readonly hasClock?: boolean;
  readonly signal?: AbortSignal | undefined;
};

/** Three levelers that change places only when they must, three servers, and clients at work. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const {name, engine, isShort, hasClock = false, signal, ...load} = options;
  const environment = hasClock ? clockEnvironment() : {};
  const lab = await createLab({name, levelers: 3, servers: 3, dwellS: 0, engine, environment, ...(signal && {signal})});
  try {
    return await furnish(lab, load, isShort);
  } catch (error) {
    await lab.down();
    throw error;
  }
}

export async function closeStage({lab, load, trouble}: Stage): Promise<void> {
  try {
    await load.stop();
    await trouble.end();
  } finally {
    await lab.down();
  }
}

async function furnish(lab: Lab, load: LoadOptions, isShort: boolean): Promise<Stage> {
  await configureCluster(lab);
  return {lab, isShort, load: await Load.start(lab, load), trouble: await lab.startTrouble()};
}
