import type {Bench, Document, RunOptions} from './bench.ts';
import {formatRows} from './format-rows.ts';
import {describeMachine} from './machine.ts';

export type Wish = {
  /** One line of JSON instead of a table. */
  readonly json: boolean;
  readonly quick: boolean;
  /** Fail when a target is missed. */
  readonly check: boolean;
  readonly own: Readonly<Record<string, string>>;
};

export type Streams = {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Whether somebody looks at `error`. */
  readonly isWatched: boolean;
};

/** @returns the exit code: 0, or 1 if targets are checked and one is missed */
export async function runBench(bench: Bench, {json, quick, check, own}: Wish, streams: Streams): Promise<number> {
  const machine = describeMachine();
  const figures = await bench.run({quick, own, progress: showProgress(bench.name, streams)});
  const targets = bench.targets(figures);
  const missed = targets.filter(({met}) => !met);
  if (json) {
    const document: Document = {bench: bench.name, ...figures, targets, ...machine, at: new Date().toISOString()};
    streams.out(`${JSON.stringify(document)}\n`);
  } else {
    const rows = targets.map(({what, value, met}) => [what, `${met ? 'met' : 'MISSED'} (${round(value)})`] as const);
    const {cpuCount, cpu} = machine.machine;
    const place = `${cpuCount} x ${cpu}, Linux ${machine.kernel}, Node ${machine.versions.node}`;
    streams.out(`${bench.print(figures)}\n\n${formatRows(rows)}\n\n${place}\n`);
  }

  for (const {what, value} of check ? missed : []) {
    streams.error(`bench ${bench.name}: missed: ${what}, but ${round(value)}\n`);
  }

  return check && missed.length > 0 ? 1 : 0;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function showProgress(name: string, {error, isWatched}: Streams): RunOptions['progress'] {
  if (!isWatched) {
    return () => {};
  }

  return (done, total, what) => {
    const clear = '\r\u001B[K';
    error(done < total ? `${clear}${name}: ${done} of ${total} ${what}` : clear);
  };
}
