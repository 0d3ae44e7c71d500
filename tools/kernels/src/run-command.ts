import {execFileSync} from 'node:child_process';
import {WorldError} from '@tacoplex/errors';

/** What to type if a command is missing. */
const packages: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'dpkg-deb': 'dpkg',
  'apt-get': 'apt',
  'apt-cache': 'apt',
};

/** @throws WorldError COMMAND_FAILED with what it said last, or what to type */
export function runCommand(
  command: string,
  words: readonly string[],
  options: {readonly cwd?: string; readonly input?: string; readonly timeout?: number} = {},
): Buffer {
  try {
    return execFileSync(command, words, {...options, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 2 ** 28});
  } catch (cause) {
    const {code, stderr, message} = cause as NodeJS.ErrnoException & {readonly stderr?: Buffer};
    const said = stderr?.toString().trim().split('\n').at(-1) || message;
    const reason = code === 'ENOENT' ? `not installed; type: apt-get install ${packages[command] ?? command}` : said;
    throw new WorldError(`${command}: ${reason}`, {code: 'COMMAND_FAILED', command}, {cause});
  }
}
