import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import type {Facts} from './requirements.ts';

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

function readRuleset(): string | undefined {
  try {
    return execFileSync('nft', ['-j', 'list', 'ruleset'], {
      encoding: 'utf8',
      timeout: 5000,
      maxBuffer: longestRulesetBytes,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {...process.env, PATH: `/usr/sbin:/sbin:${process.env.PATH ?? ''}`},
    });
  } catch {
    return undefined;
  }
}
