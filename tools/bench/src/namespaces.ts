import {execFileSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {WorldError} from '@tacoplex/errors';
import {enterNetwork, withinNetwork} from '@tacoplex/kernel';
import {isAlive} from './is-alive.ts';

const folder = '/run/netns';
const family = 'tpb'; // tpb, the process, and what it is for: tpb4711gen

/** Network namespaces of this process, made and taken away together. */
export class Namespaces {
  readonly #made: string[] = [];

  constructor() {
    removeOrphans();
  }

  /** @returns its name among all of the machine */
  add(name: string): string {
    const full = this.nameOf(name);
    runCommand('ip', ['netns', 'add', full]);
    this.#made.push(full);
    return full;
  }

  nameOf(name: string): string {
    return `${family}${process.pid}${name}`;
  }

  /** Run a script of sh, which stops at its first failure. Not by `ip netns exec`: that hides what is mounted on /sys. */
  run(name: string, script: string): string {
    return runCommand('nsenter', [`--net=${folder}/${this.nameOf(name)}`, '--', 'sh', '-ec', script]);
  }

  /** Do something that does not wait for anything with this thread in a namespace. */
  within<T>(name: string, act: () => T): T {
    return withinNetwork(`${folder}/${this.nameOf(name)}`, act);
  }

  remove(): void {
    for (const full of this.#made.splice(0)) {
      runCommand('ip', ['netns', 'del', full]);
    }
  }
}

/** Take this thread into a namespace. @param full its name among all of the machine @throws WorldError PERMISSION_MISSING */
export function enterNamespace(full: string): void {
  enterNetwork(`${folder}/${full}`);
}

/** What benches that were killed have left behind. */
function removeOrphans(): void {
  for (const name of listNames()) {
    const [, pid] = new RegExp(`^${family}(\\d+)\\D`).exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) {
      runCommand('ip', ['netns', 'del', name]);
    }
  }
}

function listNames(): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Nobody has made any since the machine started
  }
}

/** @throws WorldError COMMAND_FAILED with the first line of what it said */
export function runCommand(command: string, words: readonly string[]): string {
  try {
    return execFileSync(command, words, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
  } catch (cause) {
    const {stderr, message} = cause as Error & {readonly stderr?: string};
    const said = (stderr ?? '').trim().split('\n')[0] || message;
    throw new WorldError(`${command}: ${said}`, {code: 'COMMAND_FAILED', command}, {cause});
  }
}
