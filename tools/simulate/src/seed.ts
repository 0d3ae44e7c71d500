import {type Run, runSeed, shorten, type Verdict, type Weakness} from '@tacoplex/simulation';

/** What is wished of every seed. */
export type SeedWish = {
  /** Virtual. */
  readonly hours: number;
  /** 0: the seed says. */
  readonly levelers: number;
  readonly levips?: number;
  readonly without?: Weakness;
};

export type Failure = {
  readonly seed: number;
  readonly levelers: number;
  readonly invariant: string;
  readonly what: string;
  readonly atMs: number;
  /** Deeds that happened until then, and how many of them are enough. */
  readonly deeds: number;
  readonly enough: number;
  /** The shortest history found. */
  readonly transcript: readonly string[];
};

/** What became of one seed. */
export type SeedFindings = {
  readonly virtualMs: number;
  readonly steps: number;
  /** It ended early because, by design, an operator has to decide. */
  readonly isStuck: boolean;
  readonly failure: Failure | undefined;
};

/** Beats stand in the play from this long before the end on. */
const beatsForMs = 300;

export function simulateSeed(wish: SeedWish, seed: number): SeedFindings {
  const run = runOf(wish, seed);
  const verdict = runSeed(run);
  const {virtualMs, steps, isStuck, violation} = verdict;
  return {virtualMs, steps, isStuck, failure: violation === undefined ? undefined : explain(run, verdict)};
}

function runOf({hours, levelers, levips, without}: SeedWish, seed: number): Run {
  return {seed, levelers, forMs: hours * 3_600_000, without, ...(levips === undefined ? {} : {levIps: levips})};
}

/** Play it again: shorter, and with the last beats in it. */
function explain(run: Run, verdict: Verdict): Failure {
  const shortest = shorten(run, verdict);
  const atMs = shortest.verdict.violation?.atMs ?? 0;
  const last = runSeed({...shortest.run, beatsFromMs: atMs - beatsForMs});
  const {invariant = '', what = ''} = last.violation ?? {};
  return {
    seed: run.seed,
    levelers: verdict.levelers,
    invariant,
    what,
    atMs,
    deeds: verdict.deeds,
    enough: shortest.run.only?.size ?? verdict.deeds,
    transcript: last.transcript,
  };
}
