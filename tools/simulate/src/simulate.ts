import {findingsInOrder} from './jobs.ts';
import type {Failure, SeedWish} from './seed.ts';

export type Wish = SeedWish & {
  readonly seeds: {readonly from: number; readonly to: number};
  readonly keepGoing: boolean;
  /** Seeds that run at the same time. What is found, and in which order, does not depend on it. */
  readonly jobs: number;
};

export type Findings = {
  readonly seeds: number;
  readonly virtualHours: number;
  readonly minutes: number;
  readonly steps: number;
  /** Seeds that ended early because, by design, an operator has to decide. */
  readonly stuck: number;
  readonly failed: readonly Failure[];
};

/** Run all seeds, up to the first that fails or all of them. */
export async function simulate(wish: Wish, progress: (text: string) => void): Promise<Findings> {
  const {from, to} = wish.seeds;
  const began = performance.now();
  const failed: Failure[] = [];
  let [seeds, virtualMs, steps, stuck] = [0, 0, 0, 0];
  for await (const found of findingsInOrder(wish)) {
    seeds++;
    virtualMs += found.virtualMs;
    steps += found.steps;
    stuck += found.isStuck ? 1 : 0;
    failed.push(...(found.failure === undefined ? [] : [found.failure]));
    const hours = (virtualMs / 3_600_000).toFixed(2);
    progress(`seed ${from + seeds - 1} of ${from}..${to}: ${hours} virtual hours, ${failed.length} failed`);
    if (failed.length > 0 && !wish.keepGoing) {
      break;
    }
  }

  progress('');
  return {
    seeds,
    virtualHours: virtualMs / 3_600_000,
    minutes: (performance.now() - began) / 60_000,
    steps,
    stuck,
    failed,
  };
}
