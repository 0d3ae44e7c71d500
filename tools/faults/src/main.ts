#!/usr/bin/env node
/**
 * faults - bring faults over a cluster under load, and say whether what must hold has held.
 *
 * usage: faults [--row N]... [--all] [--runs N] [--seed S] [--json] [--list]
 *
 * A row is one of the catalogue's (--list). Cases that the tests prove in another way are played only with --all, or if
 * their row is named. Each run begins at a random moment, drawn from its seed, with long TCP
 * connections, new requests and an ICMP echo each millisecond under way.
 *
 * Says   a table, or with --json one line: every run with its seed, its counters, the machine, the kernel, versions
 * Needs  root: it makes network namespaces, and removes them at the end, also after Ctrl-C
 * Exits  0 all was as it must be; 1 it was not, or could not be tried; 2 not understood
 */
import {describeMachine, Interruption, untilInterrupted} from '@tacoplex/bench';
import {ConfigError, TacoplexError} from '@tacoplex/errors';
import type {Engine} from '@tacoplex/lab';
import {Command, InvalidArgumentError, Option} from 'commander';
import {catalogue} from './catalogue.ts';
import {type Crew, casesOfTests, crewNames, crewOf, type Fault} from './fault.ts';
import {type CaseResult, playRow} from './play-row.ts';
import {printCatalogue, printResults} from './print.ts';
import {closeStage, openStage} from './stage.ts';

type Options = {
  readonly row?: readonly number[];
  readonly all: boolean;
  readonly runs: number;
  readonly seed: number;
  readonly connections: number;
  readonly requests: number;
  readonly engine: Engine;
  readonly short: boolean;
  readonly minutes: number;
  readonly json: boolean;
  readonly list: boolean;
};

const program = new Command('faults')
  .description('Bring faults over a cluster under load, and say whether what must hold has held.')
  .option('--row <number...>', 'of the catalogue; default: every one', anotherNumber)
  .option('--all', 'also the cases that tests prove in another way', false)
  .option('--runs <count>', 'of each case', wholeNumber, 3)
  .option('--seed <number>', 'of the first run; each later one has the next', wholeNumber, 1)
  .option('--connections <count>', 'long TCP connections, a record each 100 ms', wholeNumber, 60)
  .option('--requests <count>', 'new HTTP requests a second', wholeNumber, 20)
  .addOption(new Option('--engine <engine>', 'how levelers forward').choices(['auto', 'xdp', 'cap']).default('auto'))
  .option('--short', 'what lasts a minute lasts some seconds', false)
  .option('--minutes <count>', 'how long the 80 % of row 38 last', wholeNumber, 1)
  .option('--json', 'print one line of JSON', false)
  .option('--list', 'print the catalogue, and do nothing', false)
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2))
  .addHelpText(
    'after',
    `
Verdicts: Z no connection reset, none stalled for a second, no request failed; G(x) no reset, none stalled for a second,
no echo missing for more than x ms; N as Z, and no election; R no reset, and what the row says.

Examples:
  npm run faults -- --list
  npm run faults -- --all
  npm run faults -- --row 2 --runs 30
  npm run faults -- --row 1 --row 5 --seed 42 --json
  npm run faults -- --row 38 --runs 1 --minutes 60`,
  )
  .parse();

try {
  process.exitCode = await untilInterrupted(async signal => run(program.opts<Options>(), signal));
} catch (error) {
  if (!(error instanceof TacoplexError || error instanceof Interruption)) {
    throw error;
  }

  console.error(`faults: ${error.message}`);
  process.exitCode = error instanceof Interruption ? error.exitCode : error instanceof ConfigError ? 2 : 1;
}

/** @returns the exit code */
async function run(options: Options, signal: AbortSignal): Promise<number> {
  const faults = choose(options.row, options.all || options.list);
  if (options.list) {
    console.log(printCatalogue(faults));
    return 0;
  }

  const results = await play(faults, options, signal);
  if (options.json) {
    console.log(JSON.stringify({faults: results, ...describeMachine(), at: new Date().toISOString()}));
  } else {
    console.log(printResults(results));
  }

  return results.every(({runs}) => runs.every(({faults: failed}) => failed.length === 0)) ? 0 : 1;
}

/** Those that set clocks, and each crew, are played on a stage of their own. */
async function play(faults: readonly Fault[], options: Options, signal: AbortSignal): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const crew of crewNames) {
    for (const hasClock of [false, true]) {
      const some = faults.filter(fault => crewOf(fault) === crew && (fault.needsClock ?? false) === hasClock);
      results.push(...(some.length === 0 ? [] : await playOn(some, {...options, hasClock, crew}, signal)));
    }
  }

  return results;
}

type StageWish = Options & {readonly hasClock: boolean; readonly crew: Crew};

async function playOn(faults: readonly Fault[], options: StageWish, signal: AbortSignal): Promise<CaseResult[]> {
  const {runs, seed, connections, requests, engine, short: isShort, minutes, hasClock, crew} = options;
  progress(`building ${crew}, three servers, a router and a client`);
  const stage = await openStage({
    name: 'faults',
    engine,
    isShort,
    minutes,
    hasClock,
    crew,
    signal,
    connections,
    requestsPerSecond: requests,
  });
  try {
    const results: CaseResult[] = [];
    for (const fault of faults) {
      results.push(...(await playRow(stage, fault, {runs, seed, isTimed: true, signal, progress})));
    }

    return results;
  } finally {
    await closeStage(stage);
    progress('');
  }
}

/** @param all also the cases that tests prove in another way; they are chosen with their row too */
function choose(rows: readonly number[] | undefined, all: boolean): Fault[] {
  const unknown = rows?.find(row => !catalogue.some(fault => fault.row === row));
  if (unknown !== undefined) {
    const known = catalogue.map(({row}) => row).join(' ');
    throw new ConfigError(`--row: one of ${known}, not ${unknown}; see: npm run faults -- --list`, {code: 'USAGE'});
  }

  if (rows !== undefined || all) {
    return catalogue.filter(({row}) => rows?.includes(row) ?? true);
  }

  return catalogue.map(fault => ({...fault, cases: casesOfTests(fault)})).filter(({cases}) => cases.length > 0);
}

function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001B[K${text}`);
  }
}

function anotherNumber(text: string, before: readonly number[] | undefined): number[] {
  return [...(before ?? []), wholeNumber(text)];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number.');
  }

  return Number(text);
}
