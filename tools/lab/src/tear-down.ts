import {readFileSync, rmdirSync, rmSync} from 'node:fs';
import {folderOf, labsFolder, namespacesOf, readDescription} from './folder.ts';
import {removeFreezer} from './freezer.ts';
import {checkName} from './plan.ts';
import {
  isAlive,
  labVariable,
  namespaceId,
  type ProcessName,
  parentOf,
  processesIn,
  processesWith,
  signalProcess,
} from './processes.ts';
import {mustRun, run} from './run.ts';
import {waitFor} from './wait-for.ts';

/**
 * Take away everything a laboratory is made of, whole or in ruins: its processes, cgroups, namespaces, mounts and folder.
 *
 * @returns false if there was nothing
 */
export async function tearDown(lab: string): Promise<boolean> {
  checkName(lab);
  await stopBuilder(readDescription(lab)?.builder);
  const waited = {timeoutMs: 20_000, what: `lab "${lab}" is gone`, everyMs: 20};
  let found = false;
  // A command that a killed build left behind may still add something: look until nothing new comes.
  await waitFor(async () => {
    const left = await sweep(lab);
    found ||= left;
    return !left;
  }, waited);
  return found;
}

/** One round. @returns whether there was anything */
async function sweep(lab: string): Promise<boolean> {
  const freezer = readDescription(lab)?.freezer;
  const hadFreezer = freezer !== undefined && removeFreezer(freezer, new Set(lineage(process.pid)));
  const namespaces = namespacesOf(lab);
  const victims = processesOf(lab, namespaces);
  for (const pid of victims) {
    signalProcess(pid, 'SIGKILL');
  }
  if (victims.length > 0 || hadFreezer) {
    return true; // The dead are looked for in the next round
  }

  if (namespaces.length > 0) {
    await run(['ip', '-force', '-batch', '-'], {input: namespaces.map(name => `netns delete ${name}\n`).join('')});
  }

  return (await removeFolder(folderOf(lab))) || namespaces.length > 0;
}

/** Whoever lives in the laboratory's network, and whoever was building it: never ourselves nor those who called us. */
function processesOf(lab: string, namespaces: readonly string[]): number[] {
  const ids = namespaces.map(name => namespaceId(`/run/netns/${name}`)).filter(id => id !== undefined);
  const ourselves = new Set(lineage(process.pid));
  return [...processesIn('net', new Set(ids)), ...processesWith(labVariable, lab)].filter(pid => !ourselves.has(pid));
}

function lineage(pid: number): number[] {
  const parent = parentOf(pid);
  return parent === undefined || parent === 0 ? [pid] : [pid, ...lineage(parent)];
}

/** A build under way takes itself down when told; it gets ten seconds. */
async function stopBuilder(builder: ProcessName | undefined): Promise<void> {
  if (builder === undefined || lineage(process.pid).includes(builder.pid) || !isAlive(builder)) {
    return;
  }

  signalProcess(builder.pid, 'SIGTERM');
  await waitFor(() => !isAlive(builder), {timeoutMs: 10_000, what: 'the build stops'}).catch(() => {
    signalProcess(builder.pid, 'SIGKILL');
  });
}

async function removeFolder(folder: string): Promise<boolean> {
  for (const place of mountsBelow(folder)) {
    await mustRun(['umount', '--lazy', place]);
  }

  const existed = namespaceId(folder) !== undefined;
  rmSync(folder, {recursive: true, force: true});
  try {
    rmdirSync(labsFolder);
  } catch {
    // Another laboratory lives there, or nobody ever did
  }
  return existed;
}

/** Deepest first. Ours are made in namespaces of their own: there should be none. */
function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[4] ?? '')
    .filter(place => place.startsWith(`${folder}/`))
    .reverse();
}
