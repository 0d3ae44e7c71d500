import {crashes} from './crashes.ts';
import {cuts} from './cuts.ts';
import type {Fault} from './fault.ts';
import {noise} from './noise.ts';

/** The rows of the scorecard that are played here, by their number. */
export const catalogue: readonly Fault[] = [...crashes, ...cuts, ...noise].toSorted(
  (one, other) => one.row - other.row,
);
