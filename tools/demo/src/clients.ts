import {once} from 'node:events';
import type {Lab} from '@tacoplex/lab';
import {count, emptyTally, readOutcomes, type Tally, writeOut} from './tally.ts';

const requestsEach = 25;
const perSecondEach = 50;

/** Unmodified clients at work. */
export type Clients = {
  readonly tally: () => Tally;
  /** Lets the requests under way end. */
  readonly stop: () => Promise<Tally>;
};

/**
 * Let curl fetch a page again and again, with a new connection each time, so that each request is a flow of its own.
 *
 * @param workers how many run at once, each with 50 requests a second at most
 */
export function startClients(lab: Lab, url: string, workers: number): Clients {
  let tally = emptyTally;
  let isOver = false;
  const work = async (): Promise<void> => {
    while (!isOver) {
      const child = lab.spawn('client', [...curl, `${url}?[1-${requestsEach}]`], {stdio: ['ignore', 'pipe', 'ignore']});
      let text = '';
      child.stdout?.setEncoding('utf8').on('data', (data: string) => {
        const {outcomes, rest} = readOutcomes(text + data);
        text = rest;
        tally = outcomes.reduce(count, tally);
      });
      await once(child, 'close');
    }
  };
  const all = Promise.all(Array.from({length: workers}, work));
  return {
    tally: () => tally,
    async stop() {
      isOver = true;
      await all;
      return tally;
    },
  };
}

const curl = [
  'stdbuf',
  '--output=L',
  'curl',
  '--silent',
  '--no-keepalive',
  ...['--header', 'Connection: close'],
  ...['--connect-timeout', '3', '--max-time', '5'],
  ...['--rate', `${perSecondEach}/s`],
  ...['--write-out', writeOut],
];
