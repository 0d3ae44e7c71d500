import {mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import type {FreezerPlace} from './freezer.ts';
import {type LabOptions, labOfNamespace} from './plan.ts';
import {nameProcess, type ProcessName} from './processes.ts';

/** Holds one folder for each laboratory of this machine. */
export const labsFolder = '/run/tacoplex-lab';

/** What a laboratory's folder says of it. */
export type Description = {
  readonly options: LabOptions;
  /** The project folder that its levelers see as /opt/tacoplex. */
  readonly project: string;
  /** Who built it, so that `down` can stop a build that is under way. */
  readonly builder: ProcessName;
  /** False until it was built to the end. */
  readonly isComplete: boolean;
  /** Whether its levelers run their processes when they boot. */
  readonly startsLevelers: boolean;
  /** Where processes of its hosts are stopped at once; left out where there is no such place. */
  readonly freezer?: FreezerPlace | undefined;
  /** What its levelers' processes find in their environment beside the usual. */
  readonly environment?: Readonly<Record<string, string>>;
};

export function folderOf(lab: string): string {
  return join(labsFolder, lab);
}

/**
 * Take a name: of two that try at once one wins.
 *
 * @throws WorldError ALREADY_RUNNING if there is a laboratory of this name, whole or in ruins
 */
export function claimFolder(lab: string): void {
  mkdirSync(labsFolder, {recursive: true});
  if (listLabs().includes(lab) || !makeFolder(folderOf(lab))) {
    throw new WorldError(`there is a lab "${lab}" already; remove it: npm run lab -- down --name ${lab}`, {
      code: 'ALREADY_RUNNING',
      process: `lab ${lab}`,
    });
  }
}

/** @returns false if there is one */
function makeFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return false;
    }

    throw error;
  }
}

export function writeDescription(description: Description): void {
  const path = join(folderOf(description.options.name), 'lab.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(description, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** What a laboratory's folder says; undefined if it never came to saying anything. */
export function readDescription(lab: string): Description | undefined {
  try {
    return JSON.parse(readFileSync(join(folderOf(lab), 'lab.json'), 'utf8')) as Description;
  } catch {
    return undefined;
  }
}

/** Every laboratory that left a trace on this machine, sorted. */
export function listLabs(): string[] {
  const ofNamespaces = listNamespaces()
    .map(labOfNamespace)
    .filter(name => name !== undefined);
  return [...new Set([...list(labsFolder), ...ofNamespaces])].sort();
}

/** The network namespaces of one laboratory that exist now. */
export function namespacesOf(lab: string): string[] {
  return listNamespaces().filter(name => labOfNamespace(name) === lab);
}

/** Names this process. */
export function thisProcess(): ProcessName {
  return nameProcess(process.pid) ?? {pid: process.pid, startTicks: ''};
}

function listNamespaces(): string[] {
  return list('/run/netns');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
