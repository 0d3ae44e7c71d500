import type {Config} from '@tacoplex/config';
import type {Facts} from '@tacoplex/errors';
import type {MacAddress, ServerNumber} from '@tacoplex/vocabulary';
import type {Nets} from './check-machine.ts';
import type {Engine} from './engine.ts';
import type {MachineFacts} from './impediment.ts';
import type {ServerAddress} from './neighbours.ts';
import type {SharedMemory} from './shared-memory.ts';

/** What the bus's thread is started with. */
export type WorkerStart = {
  readonly config: Config;
  readonly nets: Nets;
  readonly verbose: boolean;
};

/** An interface as the frame loop's thread uses it; down: `isOpen` false, and `why` says more. */
export type Port = {
  readonly name: string;
  readonly index: number;
  readonly mac: MacAddress;
  readonly isOpen: boolean;
  readonly why: string;
};

/** How many of what, as in `Count` of the messages. */
export type Count = {readonly name: string; readonly value: number};

/** Frame loop's thread to bus's thread. `start` comes first, or `stop`. */
export type ToBus =
  | ({readonly kind: 'start'} & WorkerStart)
  | {readonly kind: 'ports'; readonly a: Port; readonly b: Port}
  | {readonly kind: 'faults'; readonly counts: readonly Count[]} // Each second
  | {readonly kind: 'machine'; readonly facts: MachineFacts} // On each change
  | {readonly kind: 'mac'; readonly number: ServerNumber; readonly mac: MacAddress} // Heard of a server
  | {readonly kind: 'stop'};

/** Bus's thread to frame loop's thread. */
export type FromBus =
  | {readonly kind: 'started'; readonly engine: Engine['name']; readonly memory: SharedMemory}
  | {readonly kind: 'failed'; readonly message: string; readonly facts: Facts} // It cannot start, or go on: a WorldError
  | {readonly kind: 'servers'; readonly servers: readonly ServerAddress[]} // Before the image that has them
  | {readonly kind: 'flipped'} // Another image is in force
  | {readonly kind: 'stopped'};
