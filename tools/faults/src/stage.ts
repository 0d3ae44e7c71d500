import {configureCluster, createLab, type Engine, type Lab} from '@tacoplex/lab';
import {clockEnvironment} from './clock.ts';
import type {Crew} from './fault.ts';
import {Load, type LoadOptions} from './load.ts';
import type {Stage} from './run-fault.ts';

/** How faults are played. */
export type PaceOptions = LoadOptions & {
  readonly isShort: boolean;
  /** How long what is there to last lasts, if there is no hurry; default: a minute. */
  readonly minutes?: number;
  readonly signal?: AbortSignal | undefined;
};

export type StageOptions = PaceOptions & {
  readonly name: string;
  readonly engine: Engine;
  /** Whether the wall clock of levelers can be set. */
  readonly hasClock?: boolean;
  /** Default: three levelers. */
  readonly crew?: Crew;
};

const crews: Readonly<Record<Crew, {readonly levelers: number; readonly hasWitness: boolean}>> = {
  'three levelers': {levelers: 3, hasWitness: false},
  'two levelers': {levelers: 2, hasWitness: false},
  'two levelers and a witness': {levelers: 2, hasWitness: true},
};

/** Levelers that change places only when they must, three servers, and clients at work. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const {name, engine, hasClock = false, crew = 'three levelers', signal} = options;
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
    return await stageOn(lab, options);
  } catch (error) {
    await lab.down();
    throw error;
  }
}

export async function closeStage(stage: Stage): Promise<void> {
  try {
    await leaveLab(stage);
  } finally {
    await stage.lab.down();
  }
}

/** Clients at work in a laboratory that others have built, whose cluster is configured, and which has not been a stage before. */
export async function stageOn(lab: Lab, options: PaceOptions): Promise<Stage> {
  const {isShort, minutes = 1, signal} = options;
  return {lab, load: await Load.start(lab, options), trouble: await lab.startTrouble(), isShort, minutes, signal};
}

/** End the clients and all trouble; their service stays in the cluster. */
export async function leaveLab({load, trouble}: Stage): Promise<void> {
  await load.stop();
  await trouble.end();
}
