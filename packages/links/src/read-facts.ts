import {execFile, execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {promisify} from 'node:util';
import type {Facts} from './requirements.ts';
import {hidesStates, tellStates} from './ruleset.ts';

const longestRulesetBytes = 64 * 1_048_576;

/** What this machine is now, in this network namespace. Costs a program that is run: for a check, not for each second. */
export function readFacts(): Facts {
  return {setting: readSetting, ruleset: readRuleset()};
}

/** The setting of sysctl(8) of this name, in which a slash stands for a dot of an interface's name. */
export function readSetting(name: string): string | undefined {
  const path = name.replaceAll(/[./]/g, mark => (mark === '.' ? '/' : '.'));
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

const options = {encoding: 'utf8', timeout: 5000, maxBuffer: longestRulesetBytes} as const;
const json = ['-j', 'list', 'ruleset'];
const text = ['-a', 'list', 'ruleset'];

function readRuleset(): string | undefined {
  const list = (words: readonly string[]): string =>
    execFileSync('nft', words, {...options, env: environment(), stdio: ['ignore', 'pipe', 'ignore']});
  try {
    const found = list(json);
    return hidesStates(found) ? tellStates(found, list(text)) : found;
  } catch {
    return undefined;
  }
}

/** The packet filter, for `findUnmet`, without waiting for it: thousands of rules take a second. @returns undefined: it could not be read */
export async function readRulesetAside(): Promise<string | undefined> {
  const list = async (words: readonly string[]): Promise<string> => {
    const {stdout} = await promisify(execFile)('nft', words, {...options, env: environment()});
    return stdout;
  };
  try {
    const found = await list(json);
    return hidesStates(found) ? tellStates(found, await list(text)) : found;
  } catch {
    return undefined;
  }
}

function environment(): NodeJS.ProcessEnv {
  return {...process.env, PATH: `/usr/sbin:/sbin:${process.env.PATH ?? ''}`};
}
