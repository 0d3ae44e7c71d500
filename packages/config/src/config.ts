import {readFileSync} from 'node:fs';
import {ConfigError} from '@tacoplex/errors';
import type {IpAddress, Subnet} from '@tacoplex/vocabulary';
import {configFile, type securityModes} from './schema.ts';
import {parseToml} from './toml.ts';

/** A net as the config file tells it. */
type Net = {
  readonly subnet: Subnet;
  readonly subnet6: Subnet | undefined;
  /** Every leveler's address, where multicast is filtered; empty: it is not. */
  readonly peers: readonly IpAddress[];
};

export type SecurityMode = (typeof securityModes)[number];

/** The config file of a cluster, checked, with every default in its place. */
export type Config = {
  /** Where it was read from. */
  readonly file: string;
  /** Of this machine: a witness votes, and nothing else. */
  readonly role: 'leveler' | 'witness';
  readonly cluster: {
    readonly name: string;
    /** A path, or `credential:NAME`. */
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
  readonly security: {readonly mode: SecurityMode};
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
  const {role, cluster, net_a, net_b, intake, engine, timing, security, paths} = parseToml(text, file, configFile);
  return {
    file,
    role,
    cluster: {name: cluster.name, keyFile: cluster.key_file, port: cluster.port, multicast: cluster.multicast},
    netA: {...netOf(net_a), levips: net_a.levips, routers: net_a.routers},
    netB: {...netOf(net_b), gateways: net_b.gateways},
    intake: {mode: intake.mode, dwellMs: intake.dwell_s * 1000},
    engine: {engine: engine.engine, capRingBytes: engine.cap_ring_mib * 1_048_576},
    timing: {beatMs: timing.beat_ms, suspectMs: timing.suspect_ms, leaseMs: timing.lease_ms},
    security,
    paths,
  };
}

function netOf({subnet, subnet6, peers}: {subnet: Subnet; subnet6?: Subnet | undefined; peers: IpAddress[]}): Net {
  return {subnet, subnet6, peers};
}
