import {spawn} from 'node:child_process';
import {once} from 'node:events';

/** Processes that compute and do nothing else, at the priority that everybody has. */
export type Hogs = {
  readonly count: number;
  /** Of each 100 ms it computes for so many: 1..100; 100: it never waits. Default 100. */
  readonly busyMs?: number;
};

/** Have hogs want the machine while something is done. Each ends by itself should this process be killed. */
export async function amongHogs<Result>({count, busyMs = 100}: Hogs, act: () => Promise<Result>): Promise<Result> {
  const script = hogScript(process.pid, busyMs);
  const hogs = Array.from({length: count}, () => spawn(process.execPath, ['-e', script], {stdio: 'ignore'}));
  try {
    return await act();
  } finally {
    await Promise.all(
      hogs.map(async hog => {
        const gone = once(hog, 'exit');
        if (hog.kill('SIGKILL')) {
          await gone;
        }
      }),
    );
  }
}

function hogScript(parent: number, busyMs: number): string {
  const wait = busyMs < 100 ? `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${100 - busyMs});` : '';
  return `while (process.ppid === ${parent}) {
    const until = performance.now() + ${busyMs};
    while (performance.now() < until);
    ${wait}
  }`;
}
