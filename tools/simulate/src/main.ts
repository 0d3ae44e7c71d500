#!/usr/bin/env node
/**
 * simulate - let clusters live through trouble in virtual time, and say when something happens that must not.
 *
 * usage: simulate [--seed N | --seeds A..B] [--hours H] [--levelers N] [--levips N] [--without RULE] [--jobs N]
 *                 [--keep-going] [--json]
 *
 * A seed says everything: equal seeds, equal histories. Of the first one that fails the shortest history that was found
 * is printed as a play: who says what to whom, what is lost, what each decides; times in ms.
 *
 * Says   a summary, or with --json one line: each seed, its virtual time, what broke
 * Exits  0 nothing broke; 1 something did; 2 not understood
 */
import {availableParallelism} from 'node:os';
import {weaknesses} from '@tacoplex/simulation';
import {Command, InvalidArgumentError, Option} from 'commander';
import {printPlay, printSummary} from './print.ts';
import {simulate, type Wish} from './simulate.ts';

type Options = Omit<Wish, 'seeds'> & {
  readonly seed?: number;
  readonly seeds: Wish['seeds'];
  readonly json: boolean;
};

await new Command('simulate')
  .description('Let clusters live through trouble in virtual time, and say when something happens that must not.')
  .option('--seed <number>', 'only this one', wholeNumber(0, 2 ** 31 - 1))
  .option('--seeds <range>', 'A..B: one after the other', range, {from: 1, to: 100})
  .option('--hours <hours>', 'virtual time of each seed', positiveNumber, 0.01)
  .option('--levelers <count>', '1..64; 0: the seed says', wholeNumber(0, 64), 0)
  .option('--levips <count>', 'shared addresses, 0..8; 0: no announcers; two if not said', wholeNumber(0, 8))
  .addOption(new Option('--without <rule>', 'switch a rule of the election off').choices(weaknesses))
  .option('--keep-going', 'do not stop at the first seed that fails', false)
  .option('--jobs <count>', 'seeds that run at the same time', wholeNumber(1, 256), availableParallelism())
  .option('--json', 'print one line of JSON', false)
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2))
  .addHelpText(
    'after',
    `
Examples:
  npm run simulate -- --seeds 1..1000 --hours 1
  npm run simulate -- --seed 42 --without pre-vote
  npm run simulate -- --levelers 64 --seeds 1..3 --hours 0.002`,
  )
  .action(run)
  .parseAsync();

async function run({seed, seeds, json, ...wish}: Options): Promise<void> {
  const findings = await simulate({...wish, seeds: seed === undefined ? seeds : {from: seed, to: seed}}, progress);
  if (json) {
    console.log(JSON.stringify({simulate: findings}));
  } else {
    console.log([...printPlay(findings), printSummary(findings)].join('\n'));
  }

  process.exitCode = findings.failed.length > 0 ? 1 : 0;
}

function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001B[K${text}`);
  }
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) {
      throw new InvalidArgumentError(`A whole number in ${least}..${most} belongs there.`);
    }

    return number;
  };
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !(number > 0 && number <= 10_000)) {
    throw new InvalidArgumentError('A number above 0 and up to 10000 belongs there.');
  }

  return number;
}

function range(text: string): Wish['seeds'] {
  const [, from, to] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) {
    throw new InvalidArgumentError('A range such as 1..1000 belongs there.');
  }

  return {from: Number(from), to: Number(to)};
}
