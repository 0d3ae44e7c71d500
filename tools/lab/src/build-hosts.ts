import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fitSwitches} from './cables.ts';
import {type Description, folderOf} from './folder.ts';
import {Freezer} from './freezer.ts';
import {writeTacoToml} from './host-files.ts';
import {bootLeveler, furnishLeveler, makeKey} from './leveler-init.ts';
import {bridgeScript, cableScript, hostScript, namespaceBatch} from './network-scripts.ts';
import {type Host, isBooted, type LabPlan} from './plan.ts';
import type {Shell} from './shell.ts';
import {bigPage, bigPagePath, furnishServer, startNginx} from './web-server.ts';

/** Make everything a plan says, in a folder that is claimed and empty. */
export async function buildHosts(shell: Shell, plan: LabPlan, description: Description): Promise<void> {
  writeFileSync(bigPagePath(folderOf(plan.options.name)), bigPage());
  await shell.must(['ip', '-batch', '-'], namespaceBatch([plan.wireNamespace]));
  await shell.script(plan.wireNamespace, bridgeScript(plan.wires));
  await addHosts(shell, plan, plan.hosts, description);
}

/** Make some hosts of a plan whose bridges stand, and switch them on. */
export async function addHosts(
  shell: Shell,
  {wireNamespace, options}: LabPlan,
  hosts: readonly Host[],
  description: Description,
): Promise<void> {
  const [key, folder] = [makeKey(), folderOf(options.name)];
  await shell.must(['ip', '-batch', '-'], namespaceBatch(hosts.map(({namespace}) => namespace)));
  await shell.script(wireNamespace, cableScript(hosts));
  fitSwitches(folder, wireNamespace, hosts);
  // All come to their end, also when one fails: nothing may appear once the caller knows that building failed.
  await allSettled(
    hosts.map(async host => {
      if (isBooted(host.role)) {
        furnishLeveler(join(folder, host.name), writeTacoToml(options, host.role), key);
      } else if (host.role === 'server') {
        furnishServer(folder, host.name);
      }
      await shell.script(host.namespace, hostScript(host));
      await switchOn(shell, host, description);
    }),
  );
}

/** Start what a host runs once its network is up. */
export async function switchOn(shell: Shell, host: Host, description: Description): Promise<void> {
  const {name, namespace, role} = host;
  const folder = folderOf(description.options.name);
  const enter = description.freezer === undefined ? [] : new Freezer(description.freezer, name).enterWords;
  if (role === 'server') {
    await startNginx(shell, {folder, enter}, host);
  } else if (isBooted(role)) {
    const {project, startsLevelers, environment = {}} = description;
    const home = join(folder, name);
    const init = startsLevelers ? role : 'nothing';
    await bootLeveler({home, name, namespace, project, init, environment, enter, signal: shell.signal});
  }
}

async function allSettled(tasks: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(tasks);
  const failed = outcomes.find(outcome => outcome.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
}
