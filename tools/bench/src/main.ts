#!/usr/bin/env node
/**
 * bench - measure what the project promises.
 *
 * usage: bench NAME [--json] [--quick] [--check] [options of the bench]
 *
 * Says   a table for people, or with --json one line: every sample, medians, the machine, the kernel, versions
 * Exits  0 measured; 1 it could not be, or with --check a target is missed; 2 not understood
 */
import {ConfigError, WorldError} from '@tacoplex/errors';
import {Command} from 'commander';
import type {Bench} from './bench.ts';
import {benches} from './benches.ts';
import {Interruption} from './interruption.ts';
import {runBench} from './run-bench.ts';

type Given = Readonly<Record<string, string | boolean>>;

const program = new Command('bench')
  .description('measure what the project promises')
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2));
for (const bench of benches) {
  addCommand(bench);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
  console.error(`bench: ${(error as Error).message}`);
}

/** @throws what no user can mend */
function exitCodeFor(error: unknown): number {
  if (error instanceof Interruption) {
    return error.exitCode;
  }

  if (error instanceof ConfigError || error instanceof WorldError) {
    return error instanceof ConfigError ? 2 : 1;
  }

  throw error;
}

function addCommand(bench: Bench): void {
  const command = program
    .command(bench.name)
    .description(bench.summary)
    .option('--json', 'print one line of JSON', false)
    .option('--quick', 'take few samples: to see that it runs, not how fast', false)
    .option('--check', 'exit 1 if a target is missed', false);
  for (const {flags, help, fallback} of bench.options ?? []) {
    command.option(flags, help, fallback);
  }

  command.action(async ({json, quick, check, ...own}: Given) => {
    const wish = {json: json === true, quick: quick === true, check: check === true, own: onlyTexts(own)};
    process.exitCode = await runBench(bench, wish, {
      out: text => process.stdout.write(text),
      error: text => process.stderr.write(text),
      isWatched: process.stderr.isTTY,
    });
  });
}

function onlyTexts(given: Given): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
