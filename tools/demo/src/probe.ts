import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {inRealTime, type Lab} from '@tacoplex/lab';

/** From one answer to the next, CLOCK_MONOTONIC, ms. */
export type Silence = {readonly from: number; readonly to: number};

export type Probe = {
  /** What has been told so far: silences of more than 10 ms that are over. */
  readonly silences: readonly Silence[];
  readonly stop: () => Promise<{readonly sent: number; readonly received: number}>;
};

/** Now, on the clock of the silences. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Let the client ask for an ICMP echo each millisecond, before everything else on this machine: it would be a machine of its
 * own, and not be held up while processes of a leveler start in real time.
 */
export function startProbe(lab: Lab, target: string): Probe {
  const program = fileURLToPath(new URL('./probe-main.js', import.meta.url));
  const child = lab.spawn('client', inRealTime(50, program, [target]), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const silences: Silence[] = [];
  let totals = {sent: 0, received: 0};
  const lines = createInterface({input: child.stdout!});
  lines.on('line', line => {
    const [kind, first, second] = line.split(' ');
    if (kind === 'silence') {
      silences.push({from: Number(first), to: Number(second)});
    } else {
      totals = {sent: Number(first), received: Number(second)};
    }
  });
  return {
    silences,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'close');
      }

      return totals;
    },
  };
}

/** The longest of the silences that ended in a span of time, 0 if there was none, in ms. */
export function longestSilence(silences: readonly Silence[], from: number, to: number): number {
  return Math.max(
    0,
    ...silences.filter(silence => silence.to > from && silence.from < to).map(({from: begin, to: end}) => end - begin),
  );
}
