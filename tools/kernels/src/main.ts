#!/usr/bin/env node
/**
 * kernels - see which kernels load the data path.
 *
 * usage: kernels [--json] [PACKAGE…]
 *
 * Boots kernels of the Debian archive in an emulator, without installing them: those named, such as
 * linux-image-6.1.0-50-cloud-amd64, or the newest of each series that apt knows. Each loads all programs of the data path.
 *
 * Says   for each kernel and program how many instructions the verifier looked at, or why it refused
 * Needs  apt, dpkg, bpftool, qemu-system-x86 on amd64; some minutes for each kernel; no privilege
 * Exits  0 all kernels load all programs; 1 one does not, or a tool is missing; 2 not understood
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import {forwarderFile, limitFile} from '@tacoplex/xdp-engine';
import {Command} from 'commander';
import {bootKernel} from './boot.ts';
import {makeBootImage} from './boot-image.ts';
import {listKernels, unpackPackage} from './debian.ts';
import type {Finding} from './read-console.ts';

await new Command('kernels')
  .description('See which kernels load the data path.')
  .argument('[packages...]', 'such as linux-image-6.1.0-50-cloud-amd64; default: the newest of each series')
  .option('--json', 'print one line of JSON', false)
  .addHelpText('after', '\nExamples:\n  npm run kernels\n  npm run kernels -- linux-image-6.1.0-50-cloud-amd64')
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync();

function run(packages: readonly string[], {json}: {readonly json: boolean}): void {
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-kernels-'));
  try {
    const findings = visit(packages.length === 0 ? listKernels() : packages, folder);
    console.log(json ? JSON.stringify({kernels: findings}) : findings.map(format).join('\n\n'));
    process.exitCode = findings.length > 0 && findings.every(isGood) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof WorldError)) {
      throw error;
    }

    console.error(`kernels: ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, {recursive: true});
  }
}

function visit(packages: readonly string[], folder: string): Finding[] {
  const image = makeBootImage(folder, unpackPackage('busybox-static', folder), [forwarderFile, limitFile]);
  return packages.map(name => {
    if (process.stderr.isTTY) {
      process.stderr.write(`${name} …\n`);
    }

    const finding = bootKernel(unpackPackage(name, folder), image);
    return {...finding, kernel: finding.kernel || `${name}: it did not boot`};
  });
}

function isGood({objects}: Finding): boolean {
  return objects.length > 0 && objects.every(({isLoaded}) => isLoaded);
}

function format({kernel, objects}: Finding): string {
  const lines = objects.flatMap(({name, isLoaded, programs, reason}) => [
    `  ${name}: ${isLoaded ? 'loaded' : `REFUSED: ${reason}`}`,
    ...programs.map(
      ({name: program, instructions, limit}) => `    ${program}: ${instructions} of ${limit} instructions`,
    ),
  ]);
  return [kernel, ...lines].join('\n');
}
