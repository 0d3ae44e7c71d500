import {on} from 'node:events';
import {setFlagsFromString} from 'node:v8';
import {Worker} from 'node:worker_threads';
import type {Share} from './job.ts';
import type {SeedFindings} from './seed.ts';
import type {Wish} from './simulate.ts';

/**
 * MiB in which a thread's new objects wait to be swept. Nearly all of what a step makes is gone a moment later: the more
 * seldom it is swept, the less is still there to be copied.
 */
const nurseryMiB = 64;

/**
 * What became of seed after seed, in their order, however many run at once. Ends all threads when it is left.
 *
 * @throws whatever a thread threw
 */
export async function* findingsInOrder({seeds, jobs, ...wish}: Wish): AsyncGenerator<SeedFindings> {
  const {from, to} = seeds;
  const count = Math.min(jobs, to - from + 1);
  setFlagsFromString(`--min-semi-space-size=${nurseryMiB}`);
  setFlagsFromString(`--max-semi-space-size=${nurseryMiB}`);
  const workers = Array.from({length: count}, (_, index) => startJob({wish, from: from + index, to, every: count}));
  const streams = workers.map(worker => on(worker, 'message'));
  try {
    for (let seed = from; seed <= to; seed++) {
      const stream = streams[(seed - from) % count] as (typeof streams)[number];
      const [found] = (await stream.next()).value;
      yield found;
    }
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()));
  }
}

function startJob(share: Share): Worker {
  return new Worker(new URL('./job.js', import.meta.url), {workerData: share});
}
