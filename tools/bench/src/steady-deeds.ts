import {setTimeout as wait} from 'node:timers/promises';
import {amongHogs} from './among-hogs.ts';
import type {SteadyCounters} from './steady-counters.ts';
import {otherLayout, type SteadyLeveler} from './steady-leveler.ts';

/** What is done to the data path while frames go through it. */
export type Deed = {
  readonly name: DeedName;
  readonly meaning: string;
  /** @returns how often it was done */
  readonly act: (subject: Subject, plan: Plan, signal: AbortSignal) => Promise<number>;
};

export type DeedName = 'untouched' | 'killed' | 'crowded' | 'replaced' | 'relaid' | 'tables' | 'counters';

/** `counters` are those of the maps that were there when the deed began. */
export type Subject = {readonly leveler: SteadyLeveler; readonly counters: SteadyCounters};

export type Plan = {
  /** How long nothing is done, and how long counters are read. */
  readonly quietMs: number;
  readonly restarts: number;
  readonly tables: number;
};

const readsPerSecond = 10;
const betweenRestartsMs = 300;
/** On the two processors of a small machine each gets a fifth of one, or less. */
const hogs = 8;

export const deeds: readonly Deed[] = [
  {name: 'untouched', meaning: 'nothing is done', act: async (_, {quietMs}, signal) => rest(quietMs, signal)},
  {name: 'killed', meaning: 'frame-forwarder is killed with -9 and comes back', act: restart('SIGKILL')},
  {
    name: 'crowded',
    meaning: `it is killed and comes back while ${hogs} other processes never wait`,
    act: crowd(restart('SIGKILL')),
  },
  {name: 'replaced', meaning: 'frame-forwarder stops, and a new one replaces the program', act: restart('SIGTERM')},
  {name: 'relaid', meaning: 'a version with maps of another layout takes over, and the first one again', act: relay},
  {name: 'tables', meaning: 'the table changes', act: changeTables},
  {name: 'counters', meaning: 'counters are read 10 times a second', act: readCounters},
];

async function rest(quietMs: number, signal: AbortSignal): Promise<number> {
  await wait(quietMs, undefined, {signal});
  return 0;
}

function restart(how: 'SIGKILL' | 'SIGTERM'): Deed['act'] {
  return async ({leveler}, {restarts}, signal) => {
    for (let time = 0; time < restarts; time++) {
      await leveler.endForwarder(how);
      await leveler.startForwarder();
      await wait(betweenRestartsMs, undefined, {signal});
    }

    return restarts;
  };
}

function crowd(act: Deed['act']): Deed['act'] {
  return async (...words) => amongHogs({count: hogs}, async () => act(...words));
}

/** Ends with the version that it began with. */
async function relay({leveler}: Subject, {restarts}: Plan, signal: AbortSignal): Promise<number> {
  for (let time = 0; time < 2 * restarts; time++) {
    await leveler.endForwarder('SIGTERM');
    await leveler.startForwarder(...(time % 2 === 0 ? [otherLayout] : []));
    await wait(betweenRestartsMs, undefined, {signal});
  }

  return 2 * restarts;
}

async function changeTables({leveler}: Subject, {tables}: Plan, signal: AbortSignal): Promise<number> {
  for (let time = 0; time < tables; time++) {
    await leveler.changeTable();
    signal.throwIfAborted();
  }

  return tables;
}

async function readCounters({counters}: Subject, {quietMs}: Plan, signal: AbortSignal): Promise<number> {
  const times = Math.ceil((quietMs * readsPerSecond) / 1000);
  for (let time = 0; time < times; time++) {
    await wait(1000 / readsPerSecond, undefined, {signal});
    counters.read();
  }

  return times;
}
