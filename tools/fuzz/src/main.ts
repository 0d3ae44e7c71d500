#!/usr/bin/env node
/**
 * fuzz - look for frames that the two forwarding functions decide differently.
 *
 * usage: fuzz frames [--count N] [--seed S]
 *
 * Says   the seed, frames of each reason; of the first difference the frame and both answers
 * Needs  root, or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN
 * Exits  0 all alike; 1 a difference, or the program cannot be loaded; 2 not understood
 */
import {WorldError} from '@tacoplex/errors';
import {Command, InvalidArgumentError} from 'commander';
import {fuzzFrames} from './fuzz-frames.ts';
import {writeTranscript} from './transcript.ts';

const mostSeeds = 2 ** 32;

function parseWhole(limit: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0 || value >= limit) {
      throw new InvalidArgumentError(`a whole number of 0..${limit - 1}.`);
    }

    return value;
  };
}

function showProgress(done: number, count: number): void {
  if (process.stderr.isTTY) {
    const width = 40;
    const full = Math.round((width * done) / count);
    process.stderr.write(`\r\u001B[K[${'='.repeat(full)}${' '.repeat(width - full)}] ${done} of ${count} frames`);
  }
}

function clearProgress(): void {
  if (process.stderr.isTTY) {
    process.stderr.write('\r\u001B[K');
  }
}

function run({count, seed}: {count: number; seed: number}): void {
  console.log(`seed ${seed}: to see the same frames again, add --seed ${seed}`);
  const outcome = fuzzFrames({count, seed, progress: done => showProgress(done, count)});
  clearProgress();
  console.log(outcome.summary);
  if (outcome.difference !== undefined) {
    console.log(`frame ${outcome.compared} is decided differently\n${writeTranscript(outcome.difference)}`);
  } else if (outcome.miscounted !== undefined) {
    console.log(`${outcome.compared} frames are decided alike, and counted differently: ${outcome.miscounted}`);
  } else {
    console.log(`${outcome.compared} frames are decided and counted alike`);
  }

  process.exitCode = outcome.difference === undefined && outcome.miscounted === undefined ? 0 : 1;
}

const program = new Command('fuzz')
  .description('look for frames that the two forwarding functions decide differently')
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2));
program
  .command('frames')
  .description('random frames, valid and mangled, to the TypeScript reference and to the program in the kernel')
  .option('--count <frames>', 'how many', parseWhole(Number.MAX_SAFE_INTEGER), 1_000_000)
  .option('--seed <number>', 'which ones; default: others each time', parseWhole(mostSeeds), Date.now() % mostSeeds)
  .action(run);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof WorldError)) {
    throw error;
  }

  console.error(`fuzz: ${error.message}`);
  process.exitCode = 1;
}
