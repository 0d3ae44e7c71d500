import {compareServices, formatService, fromOutlineMessage, type Outline} from '@tacoplex/cluster';
import {Refusal} from './refusals.ts';
import type {ExportDocument} from './schemas.ts';
import {askStatus} from './show.ts';
import {formatPlainVersion} from './status-document.ts';
import type {Shown, World} from './verb.ts';

/** `taco export`: the cluster state as a file, sorted, so that two exports of one state are equal. */
export async function exportState(world: World): Promise<Shown> {
  const {state} = await askStatus(await world.admin());
  if (!state) {
    throw new Refusal('this leveler has no cluster state yet', 'taco status says what it waits for');
  }

  const document = describeExport(fromOutlineMessage(state));
  return {document, print: () => writeStateFile(document)};
}

/** What a state file has of a state: groups and servers by name, services by address, protocol and port. */
export function describeExport({cluster, version, groups, servers, services}: Outline): ExportDocument {
  const nameOf = (wanted: number): string => groups.find(({number}) => number === wanted)?.name ?? String(wanted);
  return {
    cluster: {name: cluster},
    version: formatPlainVersion(version) ?? '0.0',
    groups: groups.map(({name}) => ({name})).sort(byName),
    servers: servers
      .map(({name, address, group, weight, state}) => ({name, address, group: nameOf(group), weight, state}))
      .sort(byName),
    services: [...services]
      .sort(compareServices)
      .map(service => ({service: formatService(service), group: nameOf(service.group), affinity: service.affinity})),
  };
}

function byName(one: {readonly name: string}, other: {readonly name: string}): number {
  return one.name < other.name ? -1 : 1;
}

/** As TOML, for `parseStateFile`. */
export function writeStateFile({cluster, version, groups, servers, services}: ExportDocument): string {
  return [
    `# Cluster ${cluster.name}, version ${version}; written by taco export.`,
    '# Not in it: the hash key, which is secret, levelers, and bin tables.',
    '',
    table('[cluster]', cluster),
    ...groups.map(group => table('[[groups]]', group)),
    ...servers.map(server => table('[[servers]]', server)),
    ...services.map(service => table('[[services]]', service)),
  ]
    .join('\n')
    .trimEnd();
}

/** Values are names, addresses and numbers: nothing in them needs escaping. */
function table(heading: string, entries: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(entries).map(
    ([key, value]) => `${key} = ${typeof value === 'number' ? value : `"${value}"`}`,
  );
  return [heading, ...lines, ''].join('\n');
}
