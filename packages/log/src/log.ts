import {fieldOfCount, type Repeats} from './repeats.ts';

/** What each level means, most urgent first. */
export const levels = ['fatal', 'error', 'warn', 'notice', 'info', 'debug'] as const;
export type Level = (typeof levels)[number];

/** How many lines of one event a process writes in a minute; it counts the others. */
export const linesAtOnce = 100;

export type Fields = Readonly<Record<string, string | number | boolean>>;

/** One event, one line. The event is a constant sentence; what varies is in the fields. */
export type Log = {readonly [L in Level]: (event: string, fields?: Fields) => void};

/**
 * A log whose lines read `process: level: event key=value …`.
 *
 * @param process name at the beginning of each line
 * @param least the least urgent level that is written
 * @param write takes one line without its end; must not wait
 * @param repeats bounds how many lines of one event are written, except for `debug`; missing: all are
 */
export function createLog(process: string, least: Level, write: (line: string) => void, repeats?: Repeats): Log {
  const depth = levels.indexOf(least);
  const writeAs = (level: Level, event: string, fields: Fields): void =>
    write(`${process}: ${level}: ${event}${formatFields(fields)}`);
  const at =
    (level: Level, index: number) =>
    (event: string, fields: Fields = {}): void => {
      if (index > depth) {
        return;
      }

      if (repeats === undefined || level === 'debug') {
        writeAs(level, event, fields);
      } else {
        repeats.note(`${level} ${event}`, count => writeAs(level, event, {...fields, ...fieldOfCount(count)}));
      }
    };
  return Object.fromEntries(levels.map((level, index) => [level, at(level, index)])) as Log;
}

function formatFields(fields: Fields): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${formatValue(String(value))}`)
    .join('');
}

/** What the world sent may be of any length; a line is not. */
const longestValue = 2000;

/** Bare where that is unambiguous, else as JSON, so that a line stays one line whatever the world sent. */
function formatValue(whole: string): string {
  const text = whole.length > longestValue ? `${whole.slice(0, longestValue)}…` : whole;
  return /^[^\s"=\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}
