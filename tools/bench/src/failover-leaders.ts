import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {inRealTime, type Lab, waitFor} from '@tacoplex/lab';
import {endChild} from './end-child.ts';

/** Where electors beat, unless their config says otherwise. */
const port = 7848;

export type Leaders = {
  /** Wait until a leveler leads that did not before. @returns when it first said so on net B, CLOCK_MONOTONIC, ms */
  readonly untilNext: (sinceMs: number) => Promise<number>;
  readonly stop: () => Promise<void>;
};

/** Listen on the wire, before everything else on this machine, for beats of leaders. */
export async function watchLeaders(lab: Lab, signal: AbortSignal): Promise<Leaders> {
  const program = fileURLToPath(new URL('./failover-leaders-main.js', import.meta.url));
  const child = lab.spawn('wire', inRealTime(49, program, ['net-b', String(port)]), {
    stdio: ['pipe', 'pipe', 'ignore'], // libpcap warns that a bridge has no address
  });
  child.stdin!.on('error', () => {}); // Seen as its end
  const times: number[] = [];
  let isWatching = false;
  createInterface({input: child.stdout!}).on('line', line => {
    const [kind, , , ms] = line.split(' ');
    if (kind === 'leader') {
      times.push(Number(ms));
    } else {
      isWatching = true;
    }
  });
  const patience = {everyMs: 20, signal};
  await waitFor(() => isWatching, {...patience, what: 'beats are listened for'});
  return {
    untilNext: async sinceMs =>
      waitFor(() => times.find(ms => ms > sinceMs), {...patience, what: 'an elector leads again'}),
    stop: async () => endChild(child),
  };
}
