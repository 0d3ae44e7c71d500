import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import {claimFolder, type Description, thisProcess, writeDescription} from './folder.ts';
import {makeFreezer, ownFreezerPlace} from './freezer.ts';
import {Lab} from './lab.ts';
import {defaultOptions, type LabOptions, planLab} from './plan.ts';
import {tearDown} from './tear-down.ts';

/** How to build a laboratory. What is left out is as in `defaultOptions`. */
export type BuildOptions = Partial<LabOptions> & {
  /** The folder that levelers see as /opt/tacoplex; default: this project. */
  readonly project?: string;
  /** Whether levelers run their processes when they boot; default true. */
  readonly startLevelers?: boolean;
  /** What levelers' processes find in their environment beside the usual; default: nothing. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether to wait until those run; default true. */
  readonly isPatient?: boolean;
  /** Stops the build, which then leaves nothing behind. */
  readonly signal?: AbortSignal;
};

/**
 * Build a laboratory and wait until every process of every leveler runs. The cluster is not configured yet.
 * Whatever goes wrong, nothing is left behind.
 *
 * @throws ConfigError USAGE for an option out of range; WorldError PERMISSION_MISSING, ALREADY_RUNNING, COMMAND_FAILED, NO_ANSWER
 */
export async function createLab(build: BuildOptions = {}): Promise<Lab> {
  const {
    project = resolve(import.meta.dirname, '../../../..'),
    startLevelers = true,
    isPatient = true,
    environment = {},
    signal,
    ...options
  } = build;
  const chosen = {...defaultOptions, ...options};
  const description = {
    options: chosen,
    project,
    builder: thisProcess(),
    isComplete: false,
    startsLevelers: startLevelers,
    environment,
  };
  planLab(chosen);
  checkMachine();
  claimFolder(chosen.name);
  try {
    const lab = new Lab(withFreezer(description), signal);
    await lab.build();
    if (isPatient) {
      await lab.waitForAllProcesses();
    }
    return new Lab(lab.description);
  } catch (error) {
    await tearDown(description.options.name);
    throw error;
  }
}

/** Writes the description too, before there is anything that `tearDown` would have to find by it. */
function withFreezer(description: Description): Description {
  const freezer = ownFreezerPlace(description.options.name);
  writeDescription({...description, freezer});
  if (freezer !== undefined && makeFreezer(freezer)) {
    return {...description, freezer};
  }

  console.error('lab: no cgroup can be frozen here: a power cut stops the processes of a host one after the other');
  writeDescription(description);
  return description;
}

/** @throws WorldError PERMISSION_MISSING unless we are root; COMMAND_FAILED if a tool is missing */
export function checkMachine(): void {
  if (process.getuid?.() !== 0) {
    throw new WorldError('network namespaces need root; type: sudo npm run lab -- up', {
      code: 'PERMISSION_MISSING',
      capability: 'CAP_SYS_ADMIN',
    });
  }

  const missing = ['/usr/sbin/nginx', '/usr/bin/supervisord', '/usr/sbin/ethtool', '/usr/sbin/nft'].find(
    tool => !existsSync(tool),
  );
  if (missing !== undefined) {
    throw new WorldError(`${missing} is missing; install it: npm run setup`, {
      code: 'COMMAND_FAILED',
      command: missing,
    });
  }
}
