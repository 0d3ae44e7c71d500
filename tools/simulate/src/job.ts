/** One of the threads that run seeds: says what became of each. */
import {parentPort, workerData} from 'node:worker_threads';
import {type SeedWish, simulateSeed} from './seed.ts';

/** The seeds of one thread: every so many, from the first on. */
export type Share = {readonly wish: SeedWish; readonly from: number; readonly to: number; readonly every: number};

const {wish, from, to, every} = workerData as Share;
for (let seed = from; seed <= to; seed += every) {
  parentPort?.postMessage(simulateSeed(wish, seed));
}
