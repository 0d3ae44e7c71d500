import type {Finding} from './measured.ts';
import type {Scene} from './scene.ts';
import type {Verdict} from './verdict.ts';

/** What a fault has shown beside what its load has. */
export type Shown = {
  readonly findings?: readonly Finding[];
  /** By name; ms unless the name says otherwise. */
  readonly figures?: Readonly<Record<string, number>>;
};

/** The members of a cluster: levelers, and perhaps a witness, which only votes. */
export const crewNames = ['three levelers', 'two levelers', 'two levelers and a witness'] as const;
export type Crew = (typeof crewNames)[number];

/** One way to play a row. */
export type FaultCase = {
  /** What sets it apart from the other cases of its row; empty if it is alone. */
  readonly name: string;
  readonly verdict: Verdict;
  /** Do it, and see it mended: what is troubled, stopped or off at the end is mended by whoever called. */
  readonly play: (scene: Scene) => Promise<Shown>;
};

/** A row of the catalogue. */
export type Fault = {
  readonly row: number;
  readonly title: string;
  /** How it is brought about, in a few words. */
  readonly how: string;
  /** Played where the wall clock of levelers can be set: see `setClock`. */
  readonly needsClock?: boolean;
  /** Who plays it; default: three levelers. */
  readonly crew?: Crew;
  readonly cases: readonly FaultCase[];
};

export function crewOf({crew = 'three levelers'}: Fault): Crew {
  return crew;
}

/** For a claim that must hold. */
export function claim(text: string, holds: boolean): Finding {
  return {claim: text, holds};
}

/** For a claim that a busy machine may break by itself, such as that nobody is taken for dead. */
export function calmly(text: string, holds: boolean): Finding {
  return {claim: text, holds, isTimed: true};
}

/** For a claim about elapsed time. */
export function within(what: string, ms: number, mostMs: number): Finding {
  return {claim: `${what} within ${mostMs} ms (${Math.round(ms)} ms)`, holds: ms <= mostMs, isTimed: true};
}
