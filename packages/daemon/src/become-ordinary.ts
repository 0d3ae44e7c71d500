import {readdirSync} from 'node:fs';
import {createRequire} from 'node:module';

const ordinary = 0; // SCHED_OTHER of sched(7)

/**
 * Give up real-time priority: of all threads there are, and so of those they will start. Niceness counts again. Harmless
 * without; and whoever is not let do it goes on as it is.
 */
export function becomeOrdinary(): void {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const setScheduler = koffi.load('libc.so.6').func('int sched_setscheduler(int, int, const void *)');
  const priority = Int32Array.of(0);
  const done = new Set<string>();
  for (let news = threads(); news.length > 0; news = threads().filter(thread => !done.has(thread))) {
    for (const thread of news) {
      setScheduler(Number(thread), ordinary, priority);
      done.add(thread);
    }
  }
}

function threads(): string[] {
  return readdirSync('/proc/self/task');
}
