import {readdirSync} from 'node:fs';
import {createRequire} from 'node:module';

/** Of sched(7). */
const [ordinary, firstInFirstOut, roundRobin] = [0, 1, 2];
const lowest = 1;

/**
 * Give up real-time priority: of all threads there are, and so of those they will start. Niceness counts again. Harmless
 * without; and whoever is not let do it goes on as it is.
 */
export function becomeOrdinary(): void {
  const {setScheduler} = loadScheduler();
  const priority = Int32Array.of(0);
  const done = new Set<string>();
  for (let news = threads(); news.length > 0; news = threads().filter(thread => !done.has(thread))) {
    for (const thread of news) {
      setScheduler(Number(thread), ordinary, priority);
      done.add(thread);
    }
  }
}

/**
 * Give all threads of a real-time process but the main one the lowest real-time priority: V8 compiles in one of them, and on one processor
 * took turns with the main thread. Lowest, and not none: the main thread waits for it when it collects garbage meanwhile. To be called
 * before other threads are started, which have work to do at once. Harmless without real time.
 */
export function lowerHelpers(): void {
  const {setScheduler, getScheduler} = loadScheduler();
  for (const thread of threads().filter(one => Number(one) !== process.pid)) {
    if ([firstInFirstOut, roundRobin].includes(getScheduler(Number(thread)))) {
      setScheduler(Number(thread), roundRobin, Int32Array.of(lowest));
    }
  }
}

type Scheduler = {
  readonly setScheduler: (thread: number, policy: number, priority: Int32Array) => number;
  readonly getScheduler: (thread: number) => number;
};

function loadScheduler(): Scheduler {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const libc = koffi.load('libc.so.6');
  return {
    setScheduler: libc.func('int sched_setscheduler(int, int, const void *)'),
    getScheduler: libc.func('int sched_getscheduler(int)'),
  };
}

function threads(): string[] {
  return readdirSync('/proc/self/task');
}
