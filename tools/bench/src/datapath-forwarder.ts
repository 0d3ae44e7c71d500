import type {Case} from './datapath-cases.ts';

/** What stands in a lane and is compared with the others. */
export type Forwarder = {
  /** Do what the frames of a case need. */
  prepare(one: Case): Promise<void>;
  /** Right before frames come. */
  renew?(): void;
  close(): void;
};
