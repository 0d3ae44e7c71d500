import {closeSync, mkdirSync, openSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname} from 'node:path';
import {ConfigError, WorldError} from '@tacoplex/errors';

const exclusive = 2; // LOCK_EX of <sys/file.h>
const noWaiting = 4; // LOCK_NB

/**
 * Makes sure that there is one process of a kind. The kernel frees the lock when the process ends, however it ends.
 *
 * @param file made when it is missing, with its folder
 * @throws WorldError ALREADY_RUNNING; ConfigError if the folder cannot be written
 */
export function holdLock(process: string, file: string): void {
  let descriptor: number;
  try {
    mkdirSync(dirname(file), {recursive: true, mode: 0o750});
    descriptor = openSync(file, 'a', 0o640);
  } catch (error) {
    throw new ConfigError(
      `${dirname(file)}: cannot be written (${(error as NodeJS.ErrnoException).code}); start ${process} by its supervisor, or as root`,
      {code: 'CONFIG_UNREADABLE', file},
      {cause: error},
    );
  }

  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi'); // When it is needed, and no sooner
  const flock = koffi.load('libc.so.6').func('int flock(int descriptor, int operation)');
  if (flock(descriptor, exclusive | noWaiting) !== 0) {
    closeSync(descriptor);
    throw new WorldError(`another ${process} is running here (it holds ${file}); this one changes nothing`, {
      code: 'ALREADY_RUNNING',
      process,
    });
  }
}
