import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {ConfigError} from '@tacoplex/errors';
import type {IpAddress, Subnet} from '@tacoplex/vocabulary';
import {getStaticTOMLValue, ParseError, parseTOML} from 'toml-eslint-parser';
import type {z} from 'zod';
import {locate, type Path} from './positions.ts';
import {configFile, knownKeys} from './schema.ts';

/** A net as the config file tells it. */
type Net = {readonly subnet: Subnet; readonly subnet6: Subnet | undefined};

/** The config file of a cluster, checked, with every default in its place. */
export type Config = {
  /** Where it was read from. */
  readonly file: string;
  readonly cluster: {
    readonly name: string;
    readonly keyFile: string;
    readonly port: number;
    readonly multicast: IpAddress;
  };
  readonly netA: Net & {readonly levips: readonly IpAddress[]; readonly routers: readonly IpAddress[]};
  readonly netB: Net & {readonly gateways: readonly IpAddress[]};
  /** `dwellMs` 0: a LevIP moves only when its holder fails. */
  readonly intake: {readonly mode: 'turns'; readonly dwellMs: number};
  readonly engine: {readonly engine: 'auto' | 'cap' | 'xdp'; readonly capRingBytes: number};
  readonly timing: {readonly beatMs: number; readonly suspectMs: number; readonly leaseMs: number};
  /** Absolute folders. */
  readonly paths: {readonly run: string; readonly state: string; readonly log: string};
};

/** @throws ConfigError that names file, line, fault and what belongs there; the first fault only */
export function readConfig(file: string): Config {
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

  return parseConfig(text, file);
}

/** As `readConfig`, of a text that was read from `file`. */
export function parseConfig(text: string, file: string): Config {
  const program = parse(text, file);
  const result = configFile.safeParse(getStaticTOMLValue(program), {reportInput: true});
  if (!result.success) {
    const {path, message} = explain(result.error.issues[0]);
    throw invalid(file, locate(program)(path), path, message);
  }

  const {cluster, net_a, net_b, intake, engine, timing, paths} = result.data;
  return {
    file,
    cluster: {name: cluster.name, keyFile: cluster.key_file, port: cluster.port, multicast: cluster.multicast},
    netA: {subnet: net_a.subnet, subnet6: net_a.subnet6, levips: net_a.levips, routers: net_a.routers},
    netB: {subnet: net_b.subnet, subnet6: net_b.subnet6, gateways: net_b.gateways},
    intake: {mode: intake.mode, dwellMs: intake.dwell_s * 1000},
    engine: {engine: engine.engine, capRingBytes: engine.cap_ring_mib * 1_048_576},
    timing: {beatMs: timing.beat_ms, suspectMs: timing.suspect_ms, leaseMs: timing.lease_ms},
    paths,
  };
}

function parse(text: string, file: string): ReturnType<typeof parseTOML> {
  try {
    return parseTOML(text);
  } catch (error) {
    if (error instanceof ParseError) {
      throw invalid(file, error.lineNumber, [], `no TOML: ${error.message}`);
    }

    throw error;
  }
}

function explain(issue: z.core.$ZodIssue | undefined): {path: Path; message: string} {
  const path = (issue?.path ?? []) as Path;
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return {path: [...path, key], message: `unknown key; known here: ${knownKeys(path).join(', ')}`};
  }

  if (issue?.code === 'invalid_type' && issue.input === undefined) {
    return {path, message: `missing; ${issue.message}`};
  }

  return {path, message: issue?.message ?? 'invalid'};
}

function invalid(file: string, line: number, path: Path, message: string): ConfigError {
  const place = path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${part}`),
    '',
  );
  const where = place === '' ? '' : ` ${place}:`;
  return new ConfigError(`${basename(file)}:${line}:${where} ${message}`, {
    code: 'CONFIG_INVALID',
    file,
    line,
    path: place,
  });
}
