import {createInterface} from 'node:readline';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {WorldError} from '@tacoplex/errors';
import {inRealTime, type Lab, patienceMs, shared} from '@tacoplex/lab';
import {endChild} from './end-child.ts';
import type {Finding, Span} from './failover-silence.ts';

/** A service is back once it was without a gap for so long. */
const steadyMs = 300;
const lookEveryMs = 25;

/** An answer that comes later than this is none; a probe that is younger may still be answered. */
const answerWithinMs = 100;

export type Probe = {
  /** Look at a span of time that is over. */
  readonly examine: (span: Span) => Promise<Finding>;
  /**
   * Wait until the service has been answering without a gap for a while.
   *
   * @param sinceMs CLOCK_MONOTONIC, ms: what was before does not count
   * @returns when it was seen to be so
   * @throws WorldError NO_ANSWER when time is up, with what was lost in the end
   */
  readonly untilSteady: (sinceMs: number) => Promise<number>;
  readonly stop: () => Promise<void>;
};

/** Now, on the clock of the probes. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Let the client ask the ServIP for an echo each millisecond, before everything else on this machine. */
export function startProbe(lab: Lab, signal: AbortSignal): Probe {
  const program = fileURLToPath(new URL('./failover-probe-main.js', import.meta.url));
  const [own, router] = ['client', 'router'].map(name => lab.host(name).links[0]!) as [Link, Link];
  const words = [own.name, own.mac, own.ipv4, router.mac, shared.servIp.ipv4];
  const child = lab.spawn('client', inRealTime(50, program, words), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin!.on('error', () => {}); // Seen as its end
  const waiting: ((finding: Finding | undefined) => void)[] = [];
  createInterface({input: child.stdout!})
    .on('line', line => waiting.shift()?.(JSON.parse(line) as Finding))
    .on('close', () => {
      for (const tell of waiting.splice(0)) {
        tell(undefined);
      }
    });

  const ask = async (span: Span): Promise<Finding> => {
    const finding = await new Promise<Finding | undefined>(resolve => {
      waiting.push(resolve);
      child.stdin!.write(`${JSON.stringify({span})}\n`);
      if (child.exitCode !== null) {
        resolve(undefined);
      }
    });
    signal.throwIfAborted();
    if (finding === undefined) {
      throw new WorldError('the prober has ended', {code: 'NO_ANSWER', endpoint: 'failover-probe'});
    }

    return finding;
  };
  return {
    examine: ask,
    async untilSteady(sinceMs) {
      // Nobody is asked before there can be an answer: those who are measured have this machine to themselves.
      const firstMs = sinceMs + answerWithinMs + steadyMs;
      await pause(Math.max(0, firstMs - monotonicMs()), undefined, {signal});
      const endMs = monotonicMs() + patienceMs;
      let seen = 'nothing was asked';
      for (let nowMs = monotonicMs(); nowMs < endMs; nowMs = monotonicMs()) {
        const span = {fromMs: nowMs - answerWithinMs - steadyMs, toMs: nowMs - answerWithinMs};
        const {sent, lost} = await ask(span);
        seen = `of the last ${sent} echoes ${lost} were lost`;
        if (span.fromMs >= sinceMs && lost === 0 && sent > steadyMs / 2) {
          return span.toMs;
        }

        await pause(lookEveryMs, undefined, {signal});
      }

      const why = `the service does not answer again within ${patienceMs / 1000} s: ${seen}`;
      throw new WorldError(why, {code: 'NO_ANSWER', endpoint: shared.servIp.ipv4});
    },
    stop: async () => endChild(child),
  };
}

type Link = Lab['levelers'][number]['links'][number];
