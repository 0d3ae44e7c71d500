import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import {type Case, nameOf} from './catalogue.ts';
import {type Report, readBroken, readReport} from './read-report.ts';
import {runCommand} from './run-command.ts';

export type Result = {
  readonly name: string;
  /** undefined: it was ended before it could say anything. */
  readonly report: Report | undefined;
  /** The invariant that broke. */
  readonly broken: string | undefined;
  /** Wall clock, with making and compiling the search. */
  readonly seconds: number;
};

/** Search one model in a folder that is gone afterwards. @throws WorldError COMMAND_FAILED if a tool is missing or refuses */
export async function runCase(root: string, one: Case): Promise<Result> {
  const began = performance.now();
  const source = readFileSync(join(root, one.model), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-model-'));
  try {
    writeFileSync(join(folder, 'model.pml'), source);
    await compile(folder, one);
    const {out} = await runCommand(['./pan', ...searchWords(one)], folder, one.limits.timeS + 30);
    const report = readReport(out);
    const broken = report?.outcome === 'violated' ? readBroken(await replay(folder, one), source) : undefined;
    return {name: nameOf(one), report, broken, seconds: (performance.now() - began) / 1000};
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

function definesOf({defines}: Case): string[] {
  return defines.map(define => `-D${define}`);
}

async function compile(folder: string, one: Case): Promise<void> {
  await must(['spin', '-a', ...definesOf(one), 'model.pml'], folder);
  const {memoryMib} = one.limits;
  const method = one.expects === 'searched' ? ['-DBITSTATE'] : one.isLarge ? ['-DCOLLAPSE'] : [];
  const level = one.isLarge ? '-O2' : one.expects === 'fails' ? '-O0' : '-O1'; // Most are over sooner than better code is made
  await must(['gcc', '-w', level, '-DSAFETY', `-DMEMLIM=${memoryMib}`, ...method, '-o', 'pan', 'pan.c'], folder);
}

/** -E: whoever waits for ever is no fault, for nothing has to happen. -Q: minutes. -w: 2^33 bits are 1 GiB. */
function searchWords({expects, limits}: Case): string[] {
  const words = [`-m${limits.depth}`, '-E'];
  return expects === 'searched' ? [...words, '-w33', `-Q${Math.ceil(limits.timeS / 60)}`] : words;
}

async function must(words: readonly string[], folder: string): Promise<void> {
  const {exitCode, out} = await runCommand(words, folder);
  if (exitCode !== 0) {
    const [command = ''] = words;
    throw new WorldError(`${words.join(' ')}: ${out.trim()}`, {code: 'COMMAND_FAILED', command});
  }
}

async function replay(folder: string, one: Case): Promise<string> {
  return (await runCommand(['spin', '-t', ...definesOf(one), 'model.pml'], folder)).out;
}
