import {createLog, type Level, type Log} from '@tacoplex/log';

/** A log and the lines it has written, each without time. */
export function collectLog(process: string, least: Level = 'debug'): {log: Log; lines: string[]} {
  const lines: string[] = [];
  return {log: createLog(process, least, line => lines.push(line)), lines};
}
