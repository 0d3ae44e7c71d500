import {type Run, runSeed, type Verdict} from './run-seed.ts';

/** A failure may be played again this often to find a shorter one. */
const mostTries = 60;

/** Leave out deeds, half of them at a time and then fewer, as long as the same invariant still breaks. */
export function shorten(run: Run, verdict: Verdict): {readonly run: Run; readonly verdict: Verdict} {
  const {violation} = verdict;
  if (violation === undefined) {
    return {run, verdict};
  }

  const forMs = violation.atMs;
  let best = {run: {...run, forMs, only: new Set(Array.from({length: verdict.deeds}, (_, number) => number))}, verdict};
  let tries = 0;
  for (
    let size = Math.ceil(verdict.deeds / 2);
    size >= 1 && tries < mostTries;
    size = size > 1 ? Math.ceil(size / 2) : 0
  ) {
    for (let from = 0; from < verdict.deeds && tries < mostTries; from += size) {
      const only = new Set([...best.run.only].filter(number => number < from || number >= from + size));
      if (only.size < best.run.only.size) {
        tries++;
        const candidate = {...best.run, only};
        const shorter = runSeed(candidate);
        best =
          shorter.violation?.invariant === violation.invariant && shorter.violation.atMs <= best.run.forMs
            ? {run: {...candidate, forMs: shorter.violation.atMs}, verdict: shorter}
            : best;
      }
    }
  }

  return best;
}
