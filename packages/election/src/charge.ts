import type {LevelerId} from '@tacoplex/vocabulary';

/**
 * What a leveler does for want of a leader with a majority.
 *
 * - `idle`: nothing, there is one, or an election has just begun
 * - `asking`: nobody knows yet whether others serve
 * - `caretaker`: it serves, since nobody else does, and changes nothing
 * - `stopped`: others serve
 */
export type Caretaking = 'idle' | 'asking' | 'caretaker' | 'stopped';

export const caretakings: readonly Caretaking[] = ['idle', 'asking', 'caretaker', 'stopped'];

/** A round of questions on net A: who has the shared addresses? */
export type Probe = {
  /** Never the same twice, in any process of this leveler. 1..2^32-1 */
  readonly number: number;
  /** When the next one begins. */
  readonly againAtMs: number;
  readonly isDone: boolean;
  /** What has come of it stands, whatever is heard of those who answered later. */
  readonly isJudged: boolean;
  readonly answeredBy: readonly (LevelerId | undefined)[];
  /** Who of them has proven that it was he. */
  readonly provenBy: readonly LevelerId[];
};

export type Charge = {
  readonly kind: Caretaking;
  readonly probe: Probe | undefined;
  /** How many probes this process has begun. */
  readonly probes: number;
  /** How many of them, since it last knew whether to serve, have come to nothing. */
  readonly silentProbes: number;
  /** When it was last known that nobody else serves. */
  readonly unansweredMs: number;
  /** Who serves instead, as far as it is known. */
  readonly servedBy: LevelerId | undefined;
};

export const noCharge: Charge = {
  kind: 'idle',
  probe: undefined,
  probes: 0,
  silentProbes: 0,
  unansweredMs: Number.NEGATIVE_INFINITY,
  servedBy: undefined,
};
