import {existsSync, writeFileSync} from 'node:fs';
import {arch} from 'node:os';
import {join} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import type {Lab} from '@tacoplex/lab';

const tuples: Readonly<Partial<Record<string, string>>> = {x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu'};

/**
 * What lets the wall clock of levelers be set while they run, and no other: the machine's own serves all of it.
 *
 * @throws WorldError COMMAND_FAILED if the library is not installed
 */
export function clockEnvironment(): Readonly<Record<string, string>> {
  const library = `/usr/lib/${tuples[arch()] ?? arch()}/faketime/libfaketime.so.1`;
  if (!existsSync(library)) {
    throw new WorldError(`${library} is missing; type: npm run setup`, {code: 'COMMAND_FAILED', command: library});
  }

  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: '/etc/tacoplex/clock',
    FAKETIME_CACHE_DURATION: '1', // Seconds until the file is looked at again
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

/** Let the wall clock of a leveler differ from the machine's by some seconds; it does so within a second. */
export function setClock(lab: Lab, leveler: string, offsetS: number): void {
  const sign = offsetS < 0 ? '' : '+';
  writeFileSync(join(lab.folder, leveler, 'etc/clock'), `${sign}${offsetS.toFixed(3)}\n`);
}
