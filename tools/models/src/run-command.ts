import {spawn} from 'node:child_process';
import {WorldError} from '@tacoplex/errors';

export type Ran = {readonly exitCode: number; readonly out: string};

/**
 * Run a command to its end, at the lowest priority.
 *
 * @returns what it printed on both streams; the exit code, or 128 and the signal's number if it was ended
 * @throws WorldError COMMAND_FAILED if it cannot be started
 */
export async function runCommand(
  [command = '', ...words]: readonly string[],
  folder: string,
  timeS = 600,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('nice', ['-n', '19', 'timeout', '--signal=KILL', String(timeS), command, ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        out += text;
      });
    }

    child.on('error', cause => {
      reject(new WorldError(`${command} cannot be started`, {code: 'COMMAND_FAILED', command}, {cause}));
    });
    child.on('close', code => resolve({exitCode: code ?? 128, out}));
  });
}
