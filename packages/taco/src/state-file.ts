import {readFileSync} from 'node:fs';
import {compareServices, defaultGroup, type Server, type Service} from '@tacoplex/cluster';
import {parseToml} from '@tacoplex/config';
import {ConfigError} from '@tacoplex/errors';
import type {Ground} from '@tacoplex/explaining';
import {changeTables} from '@tacoplex/leveling';
import {binCount, type GroupNumber, type MacAddress, type ServerNumber} from '@tacoplex/vocabulary';
import {type StateFile, stateFile} from './state-schema.ts';

/** A cluster state as a file tells it: all that decides about frames. */
export type FileState = {
  readonly cluster: string;
  readonly ground: Ground;
  /** Those the file has, by server number. */
  readonly macs: ReadonlyMap<number, MacAddress>;
  /** Whether the file has no hash key, so that the example's stands in. */
  readonly isExampleKey: boolean;
};

/** The key that SipHash's authors use in their examples: 00 01 02 … 0f. */
const exampleKey = Uint8Array.from({length: 16}, (_, index) => index);

/** @throws ConfigError that names file, line, fault and what belongs there; the first fault only */
export function readStateFile(file: string): FileState {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `${file}: cannot be read: ${(error as Error).message}`,
      {code: 'CONFIG_UNREADABLE', file},
      {cause: error},
    );
  }

  return parseStateFile(text, file);
}

/**
 * As `readStateFile`, of a text that was read from `file`.
 *
 * Groups and servers are numbered in the order of their names, and tables computed as though all servers came at once:
 * equal entries give equal tables, in whatever order they stand.
 */
export function parseStateFile(text: string, file: string): FileState {
  const content = parseToml(text, file, stateFile);
  const groups = numberGroups(content);
  const servers = numberServers(content, groups);
  const macs = new Map(content.servers.flatMap(({name, mac}) => (mac === undefined ? [] : [[name, mac] as const])));
  return {
    cluster: content.cluster.name,
    ground: {
      hashKey: content.cluster.hash_key ?? exampleKey,
      servers,
      services: readServices(content, groups),
      groups: [...groups].map(([name, number]) => ({name, number, ...tablesOf(servers, number)})),
    },
    macs: new Map(
      servers.flatMap(({name, number}) => (macs.has(name) ? [[number, macs.get(name) as MacAddress]] : [])),
    ),
    isExampleKey: content.cluster.hash_key === undefined,
  };
}

/** The group `default` is there when somebody uses it, as it is in a cluster. */
function numberGroups({groups, servers, services}: StateFile): ReadonlyMap<string, GroupNumber> {
  const isDefaultUsed = [...servers, ...services].some(({group}) => group === defaultGroup);
  const names = new Set([...groups.map(({name}) => name), ...(isDefaultUsed ? [defaultGroup] : [])]);
  return new Map([...names].sort().map((name, number) => [name, number as GroupNumber]));
}

function numberServers({servers}: StateFile, groups: ReadonlyMap<string, GroupNumber>): Server[] {
  return [...servers]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({name, address, group, weight, state}, index) => ({
      number: (index + 1) as ServerNumber,
      name,
      address,
      group: groups.get(group) as GroupNumber,
      weight,
      state,
    }));
}

function readServices({services}: StateFile, groups: ReadonlyMap<string, GroupNumber>): Service[] {
  return services
    .map(({service, group, affinity}) => ({...service, group: groups.get(group) as GroupNumber, affinity}))
    .sort(compareServices);
}

function tablesOf(servers: readonly Server[], group: GroupNumber): Pick<Ground['groups'][number], 'base' | 'fallback'> {
  const shares = servers
    .filter(server => server.group === group)
    .map(({number, weight, state}) => ({server: number, weight: state === 'ready' ? weight : 0}));
  const {base, fallback} = changeTables({base: new Uint16Array(binCount), fallback: new Uint16Array(binCount)}, shares);
  return {base, fallback};
}
