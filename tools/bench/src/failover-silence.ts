/** What a prober has written down; times of CLOCK_MONOTONIC, ms. */
export type ProbeLog = {
  /** When each probe went out, ascending. */
  readonly sentMs: ArrayLike<number>;
  /** When its answer came; 0: it did not. As long as `sentMs`. */
  readonly answeredMs: ArrayLike<number>;
  /** How many of both are filled. */
  readonly count: number;
};

export type Span = {readonly fromMs: number; readonly toMs: number};

/** How a service was seen by whoever asked it a thousand times a second. */
export type Finding = {
  /** The longest time without an answered probe: from the last that was sent before it to the first after it, ms. */
  readonly gapMs: number;
  /** When that first one after it was sent, CLOCK_MONOTONIC, ms; 0: there was no gap. */
  readonly answeredMs: number;
  /** While that lasted the prober itself could not send for so long; not part of `gapMs`. */
  readonly stalledMs: number;
  readonly sent: number;
  /** Never answered. */
  readonly lost: number;
  /** The slowest answer, ms. */
  readonly slowestMs: number;
};

/** Between two probes. */
export const probeEveryMs = 1;

/** A prober that was silent for longer than this was held up itself. */
export const stallMs = 5;

/**
 * Look at the probes of a span of time, the gaps that reach into it included. Gaps are measured between the times of
 * sending, so that a prober that reads its answers late sees none.
 */
export function examine(log: ProbeLog, {fromMs, toMs}: Span): Finding {
  let finding: Finding = {gapMs: 0, answeredMs: 0, stalledMs: 0, sent: 0, lost: 0, slowestMs: 0};
  let last: number | undefined;
  for (let index = lastAnsweredBefore(log, fromMs); index < log.count; index++) {
    const [sentMs, answeredMs] = [log.sentMs[index]!, log.answeredMs[index]!];
    const isAnswered = answeredMs !== 0;
    if (sentMs >= fromMs && sentMs <= toMs) {
      finding = count(finding, isAnswered ? answeredMs - sentMs : undefined);
    }

    if (isAnswered) {
      if (last !== undefined && sentMs >= fromMs && log.sentMs[last]! <= toMs) {
        finding = longest(finding, log, last, index);
      }

      last = index;
    }
  }

  return finding;
}

/** @returns 0 if there is none */
function lastAnsweredBefore({sentMs, answeredMs, count: end}: ProbeLog, ms: number): number {
  let index = end - 1;
  while (index > 0 && (sentMs[index]! >= ms || answeredMs[index] === 0)) {
    index--;
  }

  return Math.max(0, index);
}

function count(finding: Finding, tookMs: number | undefined): Finding {
  const {sent, lost, slowestMs} = finding;
  return {
    ...finding,
    sent: sent + 1,
    lost: lost + (tookMs === undefined ? 1 : 0),
    slowestMs: Math.max(slowestMs, tookMs ?? 0),
  };
}

function longest(finding: Finding, log: ProbeLog, last: number, next: number): Finding {
  const stalledMs = stalledBetween(log, last, next);
  const gapMs = log.sentMs[next]! - log.sentMs[last]! - stalledMs;
  return gapMs > finding.gapMs ? {...finding, gapMs, answeredMs: log.sentMs[next]!, stalledMs} : finding;
}

function stalledBetween({sentMs}: ProbeLog, last: number, next: number): number {
  let sum = 0;
  for (let index = last + 1; index <= next; index++) {
    const waitedMs = sentMs[index]! - sentMs[index - 1]!;
    sum += waitedMs > stallMs ? waitedMs - probeEveryMs : 0;
  }

  return sum;
}
