import {
  familyOf,
  type IpAddress,
  isInside,
  type Nets,
  parseIp,
  parseSubnet,
  type Subnet,
  type UseKind,
  usesOf,
} from '@tacoplex/vocabulary';
import * as z from 'zod';

const textOf = <Value>(parse: (text: string) => Value | undefined, what: string) =>
  z.string({error: what}).transform((text, context): Value => {
    const value = parse(text);
    if (value === undefined) {
      context.addIssue({code: 'custom', message: `${what}, not "${text}"`});
      return z.NEVER;
    }

    return value;
  });

const wholeNumber = (least: number, most: number) =>
  z
    .number({error: `must be a whole number ${least}..${most}`})
    .int({error: `must be a whole number ${least}..${most}`})
    .min(least, {
      error: `must be a whole number ${least}..${most}`,
    })
    .max(most, {error: `must be a whole number ${least}..${most}`});

const ip = textOf<IpAddress>(parseIp, 'must be an IPv4 or IPv6 address in quotes');
const subnet4 = textOf<Subnet>(
  text => ofFamily(parseSubnet(text), 'ipv4'),
  'must be an IPv4 subnet in quotes, such as "10.0.1.0/24", with no bits behind its prefix',
);
const subnet6 = textOf<Subnet>(
  text => ofFamily(parseSubnet(text), 'ipv6'),
  'must be an IPv6 subnet in quotes, such as "fd00:b::/64", with no bits behind its prefix',
);
const multicast = textOf<IpAddress>(
  text => (/^2(2[4-9]|3\d)\./.test(text) ? parseIp(text) : undefined),
  'must be an IPv4 multicast address in quotes, 224.0.0.0 to 239.255.255.255',
);
/**
 * Of the block that switches forward on all ports, whether or not anybody has joined (RFC 4541, 2.1.2). Nobody's: IANA lists
 * 224.0.0.153 to 224.0.0.250 as unassigned. @see https://www.iana.org/assignments/multicast-addresses
 */
const defaultGroup = '224.0.0.178';

const path = z
  .string({error: 'must be a path in quotes'})
  .regex(/^\/\P{Cc}*$/u, {error: 'must be an absolute path in quotes, beginning with /, without control characters'});

/**
 * `enforcing`: believes the keys in use. `permissive`: those that were retired last as well, and tells of it.
 * `receive-only`: as enforcing, and says nothing itself.
 */
export const securityModes = ['enforcing', 'permissive', 'receive-only'] as const;

const keyFile = z.string({error: 'must be a path in quotes'}).regex(/^(\/\P{Cc}*|credential:[A-Za-z0-9_.-]+)$/u, {
  error:
    'must be an absolute path in quotes without control characters, or "credential:NAME" for what systemd hands over',
});

const ip4 = textOf<IpAddress>(
  text => (/^\d+\./.test(text) ? parseIp(text) : undefined),
  'must be an IPv4 address in quotes',
);

const net = {
  subnet: subnet4,
  subnet6: subnet6.optional(),
  peers: z
    .array(ip4)
    .max(64, {error: 'must name at most 64'})
    .default([])
    .describe('every leveler, where multicast is filtered: beats are sent to each of them, not to the group'),
};

/**
 * `/etc/tacoplex/taco.toml`, the same on every leveler. What it does not hold (servers, weights, services) is
 * cluster state, changed with `taco`.
 */
export const configFile = z
  .strictObject({
    role: z
      .enum(['leveler', 'witness'], {error: 'must be "leveler" or "witness"'})
      .default('leveler')
      .describe('of this machine; a witness votes, and has neither data path nor shared addresses'),
    cluster: z.strictObject({
      name: z
        .string({error: 'must be a name in quotes'})
        .regex(/^[a-z0-9-]{1,32}$/, {error: 'must be 1 to 32 of a-z, 0-9 and -'})
        .describe('levelers with another name are not heard'),
      key_file: keyFile.describe(
        '64 hexadecimal digits or a key ring, the same on every leveler, readable by its owner alone; credential:NAME',
      ),
      port: wholeNumber(1, 65_535).default(7848).describe('UDP port of beats and state'),
      multicast: multicast.prefault(defaultGroup).describe('group that beats are sent to, on nets without peers'),
    }),
    net_a: z.strictObject({
      ...net,
      levips: z.array(ip).min(1, {error: 'must name at least one address'}).max(64, {error: 'must name at most 64'}),
      routers: z.array(ip).max(64, {error: 'must name at most 64'}).default([]),
    }),
    net_b: z.strictObject({
      ...net,
      gateways: z.array(ip).max(64, {error: 'must name at most 64'}).default([]),
    }),
    intake: z
      .strictObject({
        mode: z.enum(['turns'], {error: 'must be "turns"'}).default('turns'),
        dwell_s: wholeNumber(0, 86_400).default(30).describe('seconds a leveler holds a LevIP; 0: until it fails'),
      })
      .prefault({}),
    engine: z
      .strictObject({
        engine: z.enum(['auto', 'cap', 'xdp'], {error: 'must be "auto", "cap" or "xdp"'}).default('auto'),
        cap_ring_mib: wholeNumber(1, 1024).default(64).describe('memory for frames that wait for the cap engine, MiB'),
      })
      .prefault({}),
    timing: z
      .strictObject({
        beat_ms: wholeNumber(10, 1000).default(50).describe('ms between two beats'),
        suspect_ms: wholeNumber(30, 10_000).default(150).describe('ms of silence until a leveler counts as gone'),
        lease_ms: wholeNumber(200, 60_000).default(2000).describe('ms the data path goes on without its elector'),
      })
      .prefault({})
      .refine(({beat_ms, suspect_ms}) => suspect_ms >= 3 * beat_ms, {
        path: ['suspect_ms'],
        error: 'must be at least 3 x beat_ms, or one lost beat looks like a crash',
      })
      .refine(({suspect_ms, lease_ms}) => lease_ms >= 4 * suspect_ms, {
        path: ['lease_ms'],
        error: 'must be at least 4 x suspect_ms, or a restarted elector fences its leveler',
      }),
    security: z
      .strictObject({
        mode: z
          .enum(securityModes, {error: 'must be "enforcing", "permissive" or "receive-only"'})
          .default('enforcing')
          .describe('which datagrams of other levelers are believed, and whether this one speaks'),
      })
      .prefault({}),
    paths: z
      .strictObject({
        run: path.max(80, {error: 'must have at most 80 characters: sockets are made in it'}).default('/run/tacoplex'),
        state: path.default('/var/lib/tacoplex'),
        log: path.default('/var/log/tacoplex'),
      })
      .prefault({}),
  })
  .superRefine((file, context) => {
    const fault = (where: (string | number)[], message: string): void => {
      context.addIssue({code: 'custom', path: where, message});
    };
    const inside = (section: 'net_a' | 'net_b', list: keyof typeof kindsOfLists, addresses: readonly IpAddress[]) => {
      const nets: Nets = {netA: file.net_a, netB: file.net_b};
      const subnets = [file[section].subnet, file[section].subnet6].filter(subnet => subnet !== undefined);
      for (const [index, address] of addresses.entries()) {
        if (!subnets.some(subnet => isInside(subnet, address))) {
          fault([section, list, index], `must be inside the subnets of ${section}, not ${address}`);
        } else if (addresses.indexOf(address) !== index) {
          fault([section, list, index], `${address} stands here twice`);
        } else {
          const use = usesOf(nets, address).find(({kind}) => kind !== kindsOfLists[list]);
          if (use !== undefined) {
            fault([section, list, index], `must be an address that nothing else has; ${address} is ${use.words}`);
          }
        }
      }
    };
    inside('net_a', 'levips', file.net_a.levips);
    inside('net_a', 'routers', file.net_a.routers);
    inside('net_b', 'gateways', file.net_b.gateways);
    inside('net_a', 'peers', file.net_a.peers);
    inside('net_b', 'peers', file.net_b.peers);
    if (file.net_a.subnet.address === file.net_b.subnet.address) {
      fault(['net_b', 'subnet'], 'must be another subnet than that of net_a');
    }

    if (file.net_b.subnet.prefixLength < 16 || file.net_b.subnet.prefixLength > 30) {
      fault(['net_b', 'subnet'], 'must have a prefix length of 16..30: host numbers name the levelers');
    }
  });

/** What an address in a list is, in the words of `usesOf`: it may be nothing else. */
const kindsOfLists = {
  levips: 'levip',
  routers: 'router',
  gateways: 'gateway',
  peers: 'peer',
} as const satisfies Readonly<Record<string, UseKind>>;

function ofFamily(subnet: Subnet | undefined, family: 'ipv4' | 'ipv6'): Subnet | undefined {
  return subnet !== undefined && familyOf(subnet.address) === family ? subnet : undefined;
}
