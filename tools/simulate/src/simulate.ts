import {type Run, runSeed, shorten, type Verdict, type Weakness} from '@tacoplex/simulation';

export type Wish = {
  readonly seeds: {readonly from: number; readonly to: number};
  /** Virtual, of each seed. */
  readonly hours: number;
  /** 0: the seed says. */
  readonly levelers: number;
  readonly levips?: number;
  readonly without?: Weakness;
  readonly keepGoing: boolean;
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

export type Findings = {
  readonly seeds: number;
  readonly virtualHours: number;
  readonly minutes: number;
  readonly steps: number;
  /** Seeds that ended early because, by design, an operator has to decide. */
  readonly stuck: number;
  readonly failed: readonly Failure[];
};

/** Beats stand in the play from this long before the end on. */
const beatsForMs = 300;

/** Run seed after seed on one core. */
export function simulate(wish: Wish, progress: (text: string) => void): Findings {
  const {from, to} = wish.seeds;
  const began = performance.now();
  const failed: Failure[] = [];
  let [seeds, virtualMs, steps, stuck] = [0, 0, 0, 0];
  for (let seed = from; seed <= to && (wish.keepGoing || failed.length === 0); seed++) {
    progress(
      `seed ${seed} of ${from}..${to}: ${(virtualMs / 3_600_000).toFixed(2)} virtual hours, ${failed.length} failed`,
    );
    const verdict = runSeed(runOf(wish, seed));
    seeds++;
    virtualMs += verdict.virtualMs;
    steps += verdict.steps;
    stuck += verdict.isStuck ? 1 : 0;
    if (verdict.violation !== undefined) {
      progress(`seed ${seed} fails: looking for a shorter history`);
      failed.push(explain(runOf(wish, seed), verdict));
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

function runOf({hours, levelers, levips, without}: Wish, seed: number): Run {
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
