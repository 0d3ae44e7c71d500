import {type CounterMemory, createCounterMemory} from './counters.ts';
import {createImageMemory, type ImageMemory} from './image-pair.ts';
import {createLeaseMemory} from './lease.ts';
import {createBoardMemory} from './neighbour-board.ts';

/** All that the frame loop's thread and the bus's thread share: 11.5 MiB. */
export type SharedMemory = {
  readonly images: ImageMemory;
  readonly lease: SharedArrayBuffer;
  readonly counters: CounterMemory;
  readonly board: SharedArrayBuffer;
};

export function createSharedMemory(): SharedMemory {
  return {
    images: createImageMemory(),
    lease: createLeaseMemory(),
    counters: createCounterMemory(),
    board: createBoardMemory(),
  };
}
