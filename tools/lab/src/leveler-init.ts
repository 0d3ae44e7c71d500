import {randomBytes} from 'node:crypto';
import {closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import type {Role} from './plan.ts';
import {childrenOf, isAlive, nameProcesses, type ProcessName} from './processes.ts';
import {start} from './run.ts';
import {waitFor} from './wait-for.ts';

const bootScript = resolve(import.meta.dirname, '../../boot-leveler.sh');
const systemPath = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/** Give a leveler, or a witness, the folders that outlive a power cut, with the cluster's file and key in them. */
export function furnishLeveler(home: string, tacoToml: string, key: string): void {
  mkdirSync(join(home, 'etc'), {recursive: true, mode: 0o750});
  mkdirSync(join(home, 'scratch'));
  for (const place of ['lib', 'log']) {
    mkdirSync(join(home, place), {mode: 0o750});
  }
  writeFileSync(join(home, 'etc/taco.toml'), tacoToml, {mode: 0o640});
  writeFileSync(join(home, 'etc/cluster.key'), `${key}\n`, {mode: 0o600});
}

/** A fresh cluster key: 32 bytes, in hexadecimal. */
export function makeKey(): string {
  return randomBytes(32).toString('hex');
}

/** What the processes of a host find in their environment: where the tools are, and its name. */
export function hostEnvironment(name: string, isLeveler: boolean): Readonly<Record<string, string>> {
  return {PATH: isLeveler ? `/opt/tacoplex/node_modules/.bin:${systemPath}` : systemPath, HOSTNAME: name};
}

/** How to boot a leveler. */
export type Boot = {
  /** The leveler's folder in the laboratory's. */
  readonly home: string;
  readonly name: string;
  readonly namespace: string;
  /** The folder it sees as /opt/tacoplex. */
  readonly project: string;
  /** Whose processes its init starts. */
  readonly init: Role | 'nothing';
  readonly environment: Readonly<Record<string, string>>;
  /** The words that lead into its cgroup. */
  readonly enter: readonly string[];
  readonly signal: AbortSignal | undefined;
};

/**
 * Switch a leveler on: a small host whose init is supervisord. Its network is up already.
 *
 * @throws WorldError COMMAND_FAILED with the last line of its console
 */
export async function bootLeveler(boot: Boot): Promise<void> {
  const {home, name, namespace, project, init: role, enter, signal} = boot;
  const [booted, consoleLog] = [join(home, 'booted'), join(home, 'console.log')];
  rmSync(booted, {force: true});
  const output = openSync(consoleLog, 'a');
  const environment = {...hostEnvironment(name, true), HOME: '/root', LANG: 'C.UTF-8', ...boot.environment};
  const parent = start(
    [
      ...enter,
      ...['nsenter', `--net=/run/netns/${namespace}`, '--'],
      ...['unshare', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc', '--'],
      ...['bash', bootScript, name, home, project, role],
    ],
    {stdio: ['ignore', output, output], env: environment, cwd: '/', detached: true},
  );
  closeSync(output);
  parent.on('error', () => {}); // Seen as an exit
  parent.unref();

  const failIfGone = (): void => {
    if (parent.pid === undefined || parent.exitCode !== null || parent.signalCode !== null) {
      throw new WorldError(`${name} does not boot: ${lastWords(consoleLog)}`, {
        code: 'COMMAND_FAILED',
        command: 'boot-leveler',
      });
    }
  };
  const patience = {what: `${name} boots; see ${consoleLog}`, everyMs: 10, signal};
  const init = await waitFor(() => {
    failIfGone();
    return nameProcesses(childrenOf(parent.pid ?? 0))[0];
  }, patience);
  writeFileSync(initPath(home), JSON.stringify(init));
  await waitFor(() => {
    failIfGone();
    return readOr(booted, '') === 'up\n';
  }, patience);
}

/** Process 1 of a leveler, as this machine numbers it; undefined while it is switched off. */
export function initOf(home: string): number | undefined {
  const text = readOr(initPath(home), '');
  const init = text === '' ? undefined : (JSON.parse(text) as ProcessName);
  return init !== undefined && isAlive(init) ? init.pid : undefined;
}

/** The last line of a log that tells of a fault, else its last line. */
export function lastWords(file: string): string {
  const lines = readOr(file, '')
    .split('\n')
    .filter(line => line.trim() !== '');
  return lines.findLast(line => /\bfatal\b|error/i.test(line)) ?? lines.at(-1) ?? 'nothing';
}

function initPath(home: string): string {
  return join(home, 'init.json');
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
