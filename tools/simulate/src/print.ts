import type {Failure} from './seed.ts';
import type {Findings} from './simulate.ts';

/** Of a long play the end says most. */
const mostLines = 200;

/** The play of the first failure, and a line for each other. */
export function printPlay({failed: [first, ...others]}: Findings): string[] {
  return first === undefined ? [] : [...playOf(first), '', ...[first, ...others].map(lineOf), ''];
}

function playOf({transcript}: Failure): string[] {
  const left = transcript.length - mostLines;
  return [...(left > 0 ? [`${left} lines before that`] : []), ...transcript.slice(-mostLines)];
}

function lineOf({seed, levelers, what, atMs, deeds, enough}: Failure): string {
  const cluster = `${levelers} leveler${levelers === 1 ? '' : 's'}`;
  return `seed ${seed} (${cluster}): ${what} at ${atMs.toFixed(1)} ms; ${enough} of ${deeds} deeds are enough`;
}

export function printSummary({seeds, virtualHours, minutes, steps, stuck, failed}: Findings): string {
  const speed = minutes > 0 ? virtualHours / minutes : 0;
  return [
    `${seeds} seeds, ${virtualHours.toFixed(2)} virtual hours, ${steps.toLocaleString('en')} steps of electors,`,
    `${failed.length === 0 ? 'nothing broke' : `${failed.length} failed`};`,
    ...(stuck > 0 ? [`${stuck} ended early, waiting for an operator;`] : []),
    `${minutes.toFixed(1)} minutes, ${speed.toFixed(2)} virtual hours a minute`,
  ].join(' ');
}
