import {spawn} from 'node:child_process';
import {once} from 'node:events';

const longestSeconds = 120;

/**
 * Have processes that never wait want the whole machine while something is done. Each ends by itself, should this one be
 * killed.
 */
export async function amongHogs<Result>(count: number, act: () => Promise<Result>): Promise<Result> {
  const script = `const end = Date.now() + ${1000 * longestSeconds}; while (Date.now() < end);`;
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
