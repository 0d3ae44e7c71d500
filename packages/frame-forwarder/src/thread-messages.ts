import type {Config} from '@tacoplex/config';
import type {MacAddress} from '@tacoplex/vocabulary';
import type {ServerAddress} from './neighbours.ts';
import type {SharedMemory} from './shared-memory.ts';

/** What the bus's thread is started with. */
export type WorkerStart = {readonly config: Config; readonly memory: SharedMemory; readonly verbose: boolean};

/** An interface as the frame loop's thread uses it; down: `isOpen` false, and `why` says more. */
export type Port = {
  readonly name: string;
  readonly mac: MacAddress;
  readonly isOpen: boolean;
  readonly why: string;
};

/** How many of what, as in `Count` of the messages. */
export type Count = {readonly name: string; readonly value: number};

/** Frame loop's thread to bus's thread. */
export type ToBus =
  | {readonly kind: 'ports'; readonly a: Port; readonly b: Port}
  | {readonly kind: 'faults'; readonly counts: readonly Count[]} // Each second
  | {readonly kind: 'stop'};

/** Bus's thread to frame loop's thread. */
export type FromBus =
  | {readonly kind: 'started'}
  | {readonly kind: 'failed'; readonly message: string; readonly endpoint: string} // It could not start
  | {readonly kind: 'servers'; readonly servers: readonly ServerAddress[]} // Before the image that has them
  | {readonly kind: 'flipped'} // Another image is in force
  | {readonly kind: 'stopped'};
