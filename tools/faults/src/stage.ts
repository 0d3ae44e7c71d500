import {configureCluster, createLab, type Engine} from '@tacoplex/lab';
import {clockEnvironment} from './clock.ts';
import type {Crew} from './fault.ts';
import {Load, type LoadOptions} from './load.ts';
import type {Stage} from './run-fault.ts';

export type StageOptions = LoadOptions & {
  readonly name: string;
  readonly engine: Engine;
  readonly isShort: boolean;
  /** How long what is there to last lasts, if there is no hurry; default: a minute. */
  readonly minutes?: number;
  /** Whether the wall clock of levelers can be set. */
  readonly hasClock?: boolean;
  /** Default: three levelers. */
  readonly crew?: Crew;
  readonly signal?: AbortSignal | undefined;
};

const crews: Readonly<Record<Crew, {readonly levelers: number; readonly hasWitness: boolean}>> = {
  'three levelers': {levelers: 3, hasWitness: false},
  'two levelers': {levelers: 2, hasWitness: false},
  'two levelers and a witness': {levelers: 2, hasWitness: true},
};

/** Levelers that change places only when they must, three servers, and clients at work. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const {name, engine, isShort, minutes = 1, hasClock = false, crew = 'three levelers', signal, ...load} = options;
  const environment = hasClock ? clockEnvironment() : {};
  const lab = await createLab({
    name,
    ...crews[crew],
    servers: 3,
    dwellS: 0,
    engine,
    environment,
    ...(signal && {signal}),
  });
  try {
    await configureCluster(lab);
    return {lab, load: await Load.start(lab, load), trouble: await lab.startTrouble(), isShort, minutes, signal};
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
