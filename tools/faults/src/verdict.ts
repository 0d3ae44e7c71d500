import type {Measured} from './measured.ts';

/** A SYN that is lost is sent again after a second (RFC 6298, section 2.1), which no leveler can shorten. */
const openingMs = {untroubled: 1000, acrossGap: 2000};

/**
 * What must hold. `Z`: no connection is reset, stalls for more than a second or takes as long to open, no request fails. `G`:
 * no reset, no stall, and echoes are missing for no longer than `gapMs`; who opens a connection meanwhile waits for one SYN
 * more; if `gapMs` is a second or more, records may wait for as long. `N`: as Z, and no election either. `R`: no reset
 * only; the row's own claims say the rest. The table stays as it is in all of them.
 */
export type Verdict = {readonly kind: 'Z' | 'N' | 'R'} | {readonly kind: 'G'; readonly gapMs: number};

/** As it is written in a table: `G(300)`. */
export function formatVerdict(verdict: Verdict): string {
  return verdict.kind === 'G' ? `G(${verdict.gapMs})` : verdict.kind;
}

/**
 * Judge a run.
 *
 * @param isTimed whether elapsed time counts, and what hangs on it: not where the machine is busy with other things
 * @returns what did not hold, one clause each; none: it is green
 */
export function judge(verdict: Verdict, measured: Measured, isTimed: boolean): string[] {
  const {connections, requests, findings, hasSameTable} = measured;
  return [
    ...(connections.records === 0 ? ['no record came at all'] : []),
    ...some(connections.resets, 'connections reset'),
    ...some(connections.wrong, 'records out of order or from another server'),
    ...some(connections.stuck, 'connections stuck at the end'),
    ...(hasSameTable ? [] : ['bins moved']),
    ...(verdict.kind === 'Z' || verdict.kind === 'N'
      ? some(requests.failed, `requests failed${causes(measured)}`)
      : []),
    ...(isTimed ? judgeTimes(verdict, measured) : []),
    ...findings
      .filter(({holds, isTimed: isOfTime = false}) => !holds && (isTimed || !isOfTime))
      .map(({claim}) => `not so: ${claim}`),
  ];
}

function judgeTimes(verdict: Verdict, {connections, silenceMs, elections}: Measured): string[] {
  const {slowestOpeningMs} = connections;
  return [
    ...(verdict.kind === 'N' ? some(elections, 'elections') : []),
    ...(mayStall(verdict) ? [] : some(connections.stalls, 'records took more than a second')),
    ...(slowestOpeningMs > openingLimitMs(verdict)
      ? [`a connection took ${Math.round(slowestOpeningMs)} ms to open`]
      : []),
    ...(verdict.kind === 'G' && silenceMs > verdict.gapMs ? [`silent for ${Math.round(silenceMs)} ms`] : []),
  ];
}

function openingLimitMs(verdict: Verdict): number {
  if (mayStall(verdict)) {
    return Number.POSITIVE_INFINITY;
  }

  return verdict.kind === 'G' ? openingMs.acrossGap : openingMs.untroubled;
}

function mayStall(verdict: Verdict): boolean {
  return verdict.kind === 'R' || (verdict.kind === 'G' && verdict.gapMs >= 1000);
}

function some(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}

function causes({requests: {perCause}}: Measured): string {
  const texts = Object.entries(perCause).map(([cause, count]) => `${count} ${cause}`);
  return texts.length === 0 ? '' : ` (${texts.join(', ')})`;
}
