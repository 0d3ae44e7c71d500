import {
  defaultGroup,
  formatService,
  isClusterName,
  isHostAddress,
  isName,
  limits,
  parseServiceName,
  type ServiceName,
} from '@tacoplex/cluster';
import {fromHex, type IpAddress, type MacAddress, parseIp, parseMac} from '@tacoplex/vocabulary';
import * as z from 'zod';

/** A text that stands for something: `parse` gives undefined for what does not. */
const textOf = <Value>(parse: (text: string) => Value | undefined, what: string) =>
  z.string({error: what}).transform((text, context): Value => {
    const value = parse(text);
    if (value === undefined) {
      context.addIssue({code: 'custom', message: `${what}, not "${text}"`});
      return z.NEVER;
    }

    return value;
  });

const named = (isRight: (text: string) => boolean, what: string) =>
  textOf(text => (isRight(text) ? text : undefined), what);

const wholeNumber = (most: number) => {
  const error = `must be a whole number 0..${most}`;
  return z.number({error}).int({error}).min(0, {error}).max(most, {error});
};

const name = named(isName, 'must be a name in quotes: 1 to 63 of a-z, 0-9, dot and hyphen, a letter or digit first');
const address = textOf<IpAddress>(
  text => (isHost(parseIp(text)) ? parseIp(text) : undefined),
  'must be the address of one machine in quotes, such as "10.0.1.101"',
);
const service = textOf<ServiceName>(
  parseServiceName,
  'must be ADDRESS[:PORT][/tcp|udp|sctp] in quotes, such as "10.0.1.200:80/tcp" or "[fd00:b::200]:53/udp"',
);
const mac = textOf<MacAddress>(parseMac, 'must be a MAC address in quotes, such as "02:00:00:00:01:65"');
const hashKey = textOf<Uint8Array>(
  text => (text.length === 32 ? fromHex(text) : undefined),
  'must be 32 hexadecimal digits in quotes',
);

function isHost(ip: IpAddress | undefined): boolean {
  return ip !== undefined && isHostAddress(ip);
}

const list = <Schema extends z.ZodType>(element: Schema, what: string, most: number) =>
  z
    .array(element, {error: `must be tables: [[${what}]]`})
    .max(most, {error: `must be at most ${most}`})
    .default([]);

/** What of a cluster state people may write down: what `taco export` prints. */
export const stateFile = z
  .strictObject({
    cluster: z.strictObject(
      {
        name: named(isClusterName, 'must be 1 to 32 of a-z, 0-9 and - in quotes'),
        hash_key: hashKey.optional(),
      },
      {error: 'must be a table: [cluster]'},
    ),
    groups: list(z.strictObject({name}), 'groups', limits.groups),
    servers: list(
      z.strictObject({
        name,
        address,
        group: name.default(defaultGroup),
        weight: wholeNumber(limits.weight).default(1),
        state: z
          .enum(['ready', 'draining', 'maintenance'], {error: 'must be "ready", "draining" or "maintenance"'})
          .default('ready'),
        mac: mac.optional(),
      }),
      'servers',
      limits.groups * limits.serversOfGroup,
    ),
    services: list(
      z.strictObject({
        service,
        group: name.default(defaultGroup),
        affinity: z
          .enum(['flow', 'client', 'port', 'ipid'], {error: 'must be "flow", "client", "port" or "ipid"'})
          .default('flow'),
      }),
      'services',
      limits.services,
    ),
  })
  .superRefine((file, context) => {
    for (const {path, message} of findFaults(file)) {
      context.addIssue({code: 'custom', path: [...path], message});
      return; // The first one only is told
    }
  });

export type StateFile = z.output<typeof stateFile>;

type Fault = {readonly path: readonly (string | number)[]; readonly message: string};

/** What is wrong between the entries, in the order of the file's lists. */
function* findFaults(file: StateFile): Generator<Fault> {
  const groups = new Set([defaultGroup, ...file.groups.map(group => group.name)]);
  yield* twins(
    file.groups.map(group => group.name),
    'groups',
    'name',
  );
  yield* twins(
    file.servers.map(server => server.name),
    'servers',
    'name',
  );
  yield* twins(
    file.servers.map(server => `${server.address} in group ${server.group}`),
    'servers',
    'address',
  );
  yield* twins(
    file.services.map(entry => formatService(entry.service)),
    'services',
    'service',
  );
  yield* strangers(file.servers, 'servers', groups);
  yield* strangers(file.services, 'services', groups);
  yield* crowds(file);
  yield* lonelyServices(file);
  yield* borrowedAddresses(file);
}

function* twins(keys: readonly string[], listName: string, field: string): Generator<Fault> {
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (seen.has(key)) {
      yield {path: [listName, index, field], message: `${key} stands here twice`};
    }

    seen.add(key);
  }
}

function* strangers(
  entries: readonly {readonly group: string}[],
  listName: string,
  groups: ReadonlySet<string>,
): Generator<Fault> {
  for (const [index, {group}] of entries.entries()) {
    if (!groups.has(group)) {
      yield {
        path: [listName, index, 'group'],
        message: `there is no group ${group}; list it: [[groups]] name = "${group}"`,
      };
    }
  }
}

function* crowds({groups, servers}: StateFile): Generator<Fault> {
  const sizes = new Map<string, number>();
  for (const [index, {group}] of servers.entries()) {
    const size = (sizes.get(group) ?? 0) + 1;
    sizes.set(group, size);
    if (size > limits.serversOfGroup) {
      yield {path: ['servers', index], message: `group ${group} has more than ${limits.serversOfGroup} servers`};
    }
  }

  if (
    groups.length === limits.groups &&
    !groups.some(group => group.name === defaultGroup) &&
    sizes.has(defaultGroup)
  ) {
    yield {path: ['groups'], message: `must be at most ${limits.groups}, with the group ${defaultGroup} that is used`};
  }
}

function* lonelyServices({servers, services}: StateFile): Generator<Fault> {
  const served = new Set(servers.map(({group}) => group));
  for (const [index, {group}] of services.entries()) {
    if (!served.has(group)) {
      yield {path: ['services', index, 'group'], message: `group ${group} has no server; a service needs one`};
    }
  }
}

function* borrowedAddresses({servers, services}: StateFile): Generator<Fault> {
  const owners = new Map(servers.map(server => [server.address, server.name]));
  for (const [index, entry] of services.entries()) {
    const owner = owners.get(entry.service.address);
    if (owner !== undefined) {
      yield {
        path: ['services', index, 'service'],
        message: `${entry.service.address} is the own address of server ${owner}; a service needs another`,
      };
    }
  }
}
