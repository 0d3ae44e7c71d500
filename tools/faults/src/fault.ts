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

/** A test that proves what a case does, in one of the files that `npm test` runs; or another case, which it plays. */
export type Proof =
  | {
      /** From the root of the project. */
      readonly file: string;
      /** The title of the test, or a part of it that stands so in the file. */
      readonly title: string;
    }
  | {readonly row: number; readonly case: string};

/** One way to play a row. */
export type FaultCase = {
  /** What sets it apart from the other cases of its row; empty if it is alone. */
  readonly name: string;
  readonly verdict: Verdict;
  /** Left out of the tests, where others prove the same: played with `--all`, and where its row is asked for. */
  readonly provenBy?: readonly Proof[];
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

/** The cases of a row that nothing else proves. */
export function casesOfTests({cases}: Fault): FaultCase[] {
  return cases.filter(({provenBy}) => provenBy === undefined);
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
