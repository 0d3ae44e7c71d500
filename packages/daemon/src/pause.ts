import {once} from 'node:events';
import {type Stats, unwatchFile, watchFile} from 'node:fs';
import {basename} from 'node:path';
import {type Clock, systemClock} from '@tacoplex/clock';
import type {ConfigError} from '@tacoplex/errors';
import {becomeOrdinary} from './become-ordinary.ts';

/** Of the environment: who has it is started by a supervisor, and again as soon as it ends. */
export const supervisedVariable = 'TACOPLEX_SUPERVISED';

/** How long a process waits before it ends, so that its supervisor does not try the same again and again. */
export type Pause = {
  readonly ms: number;
  /** A change of it ends the pause. */
  readonly file?: string;
};

const lookMs = 1000;

/** A file is corrected by somebody; an address may come by itself, as at the start of a machine. */
export function pauseAfter({facts}: ConfigError): Pause {
  return 'file' in facts ? {ms: 30_000, file: facts.file} : {ms: facts.code === 'NET_UNMATCHED' ? 5000 : 30_000};
}

/** When it will be tried again, for the log. */
export function describePause({ms, file}: Pause): string {
  return `in ${ms / 1000} s${file === undefined ? '' : `, or when ${basename(file)} changes`}`;
}

/** Wait, and not in real time. @returns whether a signal asked to stop meanwhile; that, as a change of the file, ends it at once */
export async function rest({ms, file}: Pause, clock: Clock = systemClock): Promise<'stop asked' | 'over'> {
  const stopAsked = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => 'stop asked' as const);
  const over = new Promise<'over'>(resolve => {
    clock.after(ms, () => resolve('over'));
    if (file !== undefined) {
      onChange(file, () => resolve('over'));
    }
  });
  becomeOrdinary();
  try {
    return await Promise.race([stopAsked, over]);
  } finally {
    if (file !== undefined) {
      unwatchFile(file);
    }
  }
}

/** Calls when another file has its name too, when its mode changes, and when it comes or goes. */
function onChange(file: string, callback: () => void): void {
  watchFile(file, {interval: lookMs}, (now: Stats, before: Stats) => {
    if (now.ctimeMs !== before.ctimeMs) {
      callback(); // Of a file that is missing we are told once that it is
    }
  });
}
