import type {Observed} from './story.ts';

const mostFailed = 0.01;

/** The one document of `demo --json`. */
export type Document = {
  readonly demo: {
    readonly ok: boolean;
    /** Why it is not ok, one sentence each. */
    readonly faults: readonly string[];
    readonly engine: string;
    readonly requests: {
      readonly sent: number;
      readonly failed: number;
      readonly perServer: Readonly<Record<string, number>>;
      readonly perCause: Readonly<Record<string, number>>;
    };
    readonly crash: Observed['crash'];
    readonly changes: {readonly gapMs: number};
    readonly probe: Observed['probe'];
    readonly steps: Observed['steps'];
    readonly seconds: number;
  };
};

/** Judge what was seen: every server served, the crash was survived, and at most 1 % of the requests failed. */
export function judge(observed: Observed, seconds: number): Document {
  const {tally, servers, crash, changeGapMs, engine, probe, steps} = observed;
  const faults = [
    ...servers.filter(name => (tally.perServer[name] ?? 0) === 0).map(name => `${name} served nothing`),
    ...(tally.failed > mostFailed * tally.sent ? [`${tally.failed} of ${tally.sent} requests failed`] : []),
    ...(crash.successor === crash.holder ? ['nobody took over from the holder'] : []),
    ...(crash.gapMs === 0 ? ['the probe saw nothing of the crash'] : []),
  ];
  return {
    demo: {
      ok: faults.length === 0,
      faults,
      engine,
      requests: {sent: tally.sent, failed: tally.failed, perServer: sorted(tally.perServer), perCause: tally.perCause},
      crash: {...crash, gapMs: round(crash.gapMs)},
      changes: {gapMs: round(changeGapMs)},
      probe,
      steps,
      seconds: round(seconds),
    },
  };
}

function sorted(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).sort(([one], [other]) => one.localeCompare(other)));
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
