import {ConfigError} from '@tacoplex/errors';
import {layAddresses} from './addresses.ts';

/** `classic`: servers answer through the levelers. `one-way`: through a second router, over net C. */
export type Layout = 'classic' | 'one-way';

/** As `engine` of the config file. */
export type Engine = 'auto' | 'xdp' | 'cap';

/** The bridges of a laboratory. */
export type Wire = 'front' | 'net-a' | 'net-b' | 'net-c';

export type Role = 'client' | 'router' | 'leveler' | 'witness' | 'server';

/** What a laboratory is to look like. */
export type LabOptions = {
  /** 1..20 of a-z, 0-9 and -; also the cluster's name. */
  readonly name: string;
  readonly levelers: number; // 1..4
  /** Whether there is a host that only votes. */
  readonly hasWitness: boolean;
  readonly servers: number; // 1..8
  readonly layout: Layout;
  /** Seconds a leveler holds a LevIP; 0: until it fails. */
  readonly dwellS: number;
  /** LevIPs of each family, 1..4. The router spreads the services' traffic evenly over them. */
  readonly levIps: number;
  /** How levelers forward; `auto`: as well as the kernel lets them. */
  readonly engine: Engine;
};

/** An interface of a host: one end of a veth pair whose other end is a port of a bridge. */
export type Link = {
  readonly name: string;
  readonly wire: Wire;
  /** The bridge's end, in the namespace of the wires. */
  readonly port: string;
  readonly mac: string;
  readonly ipv4: string; // Always /24
  readonly ipv6: string; // Always /64
};

/** A route of a host; several `via` share the traffic evenly. */
export type Route = {readonly to: string; readonly via: readonly string[]};

export type Host = {
  readonly name: string;
  readonly role: Role;
  readonly namespace: string;
  readonly links: readonly Link[];
  /** On `lo`, with prefix length. */
  readonly loopback: readonly string[];
  readonly routes: readonly Route[];
};

/** A whole laboratory as a value: nothing in it exists yet. */
export type LabPlan = {
  readonly options: LabOptions;
  /** Holds the bridges and nothing else. */
  readonly wireNamespace: string;
  readonly wires: readonly Wire[];
  readonly hosts: readonly Host[];
};

export const defaultOptions: LabOptions = {
  name: 'default',
  levelers: 3,
  hasWitness: false,
  servers: 4,
  layout: 'classic',
  dwellS: 30,
  levIps: 1,
  engine: 'auto',
};

/**
 * Lay out a laboratory.
 *
 * @throws ConfigError USAGE if an option is out of its range
 */
export function planLab(options: LabOptions): LabPlan {
  check(options);
  const addresses = layAddresses(options);
  return {
    options,
    wireNamespace: namespaceOf(options.name, 'wire'),
    wires: options.layout === 'classic' ? ['front', 'net-a', 'net-b'] : ['front', 'net-a', 'net-b', 'net-c'],
    hosts: addresses.map(host => ({...host, namespace: namespaceOf(options.name, host.name)})),
  };
}

/** Whether such a host is booted, and runs processes of the cluster. */
export function isBooted(role: Role): boolean {
  return role === 'leveler' || role === 'witness';
}

/** Whether the power of such a host can be cut. Clients and routers are always on. */
export function canBeOff(role: Role): boolean {
  return isBooted(role) || role === 'server';
}

/** The network namespace of a host of a laboratory, as `ip netns` shows it. */
export function namespaceOf(lab: string, host: string): string {
  return `taco-${lab}-${host}`;
}

/** The laboratory that a network namespace belongs to, by its name; undefined if it is none of ours. */
export function labOfNamespace(namespace: string): string | undefined {
  return /^taco-(.+)-(?:wire|client|router2?|witness|leveler\d|server\d)$/.exec(namespace)?.[1];
}

export function checkName(name: string): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    throw new ConfigError(`--name: 1 to 20 of a-z, 0-9 and -, not "${name}"`, {code: 'USAGE'});
  }
}

function check(options: LabOptions): void {
  checkName(options.name);
  checkRange('--levelers', options.levelers, 1, 4);
  checkRange('--servers', options.servers, 1, 8);
  checkRange('--dwell', options.dwellS, 0, 86_400);
  checkRange('--levips', options.levIps, 1, 4);
  if (!['classic', 'one-way'].includes(options.layout)) {
    throw new ConfigError(`--layout: classic or one-way, not "${options.layout}"`, {code: 'USAGE'});
  }
}

function checkRange(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(`${option}: a whole number ${least}..${most}, not ${value}`, {code: 'USAGE'});
  }
}
