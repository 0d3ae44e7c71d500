#!/usr/bin/env node
/**
 * models - search the models of the protocols for histories that must not be.
 *
 * usage: models [--quick | --full] [--only NAME] [--record] [--json]
 *
 * Every variant that must hold is searched to its end, and every one with a rule switched off must break.
 *
 * Needs  spin, gcc
 * Exits  0 everything is as it must be; 1 it is not, or a tool is missing; 2 not understood
 */
import {resolve} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import {Command} from 'commander';
import {printFindings} from './print-findings.ts';
import {isInOrder, runModels} from './run-models.ts';

type Options = {readonly full: boolean; readonly only: string; readonly record: boolean; readonly json: boolean};

const root = resolve(import.meta.dirname, '../../../..');

await new Command('models')
  .description('Search the models of the protocols for histories that must not be.')
  .option('--quick', 'only what is searched within a minute or two (default)')
  .option('--full', 'also the large ones: 8 GiB of memory and half an hour', false)
  .option('--only <text>', 'only those whose name contains this', '')
  .option('--record', 'write the counts of states down instead of comparing them', false)
  .option('--json', 'print one line of JSON', false)
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync();

async function run({full, only, record, json}: Options): Promise<void> {
  try {
    const findings = await runModels({root, full, only, record, progress});
    console.log(
      json ? JSON.stringify({models: findings.searches, unreached: findings.unreached}) : printFindings(findings),
    );
    process.exitCode = isInOrder(findings) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof WorldError)) {
      throw error;
    }

    console.error(`models: ${error.message}`);
    process.exitCode = 1;
  }
}

function progress(done: number, total: number, name: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001B[K${done < total ? `${done + 1} of ${total}: ${name}` : ''}`);
  }
}
