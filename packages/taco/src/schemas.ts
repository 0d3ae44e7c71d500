import * as z from 'zod';

const count = z.number().int().nonnegative();
const milliseconds = z.number().int().nonnegative().nullable();
const version = z.string().regex(/^\d+\.\d+$/);
const digest = z.string().regex(/^[0-9a-f]{16}$/);
const address = z.union([z.ipv4(), z.ipv6()]);
const mac = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);

const securityMode = z.enum(['enforcing', 'permissive', 'receive-only']);
const keyId = z.string().regex(/^[0-9a-f]{8}$/);

const triedHalf = z.strictObject({
  passes: z.array(z.string()).describe('levelers that they come through'),
  fails: z.array(z.string()).describe('levelers that they do not come through, although they do through another'),
});

const leveler = z.strictObject({
  id: count.describe('host part of its net B address'),
  name: z.string(),
  addressA: address.nullable(),
  address: address.nullable().describe('on net B; null: not heard since the elector started'),
  self: z.boolean().describe('whether this is the leveler that answered'),
  member: z.boolean().describe('whether it counts for the majority'),
  state: z.enum(['live', 'leaving', 'suspect']),
  role: z.enum(['leader', 'candidate', 'follower', 'joining']),
  version: version.nullable(),
  digest: digest.nullable(),
  holds: z.array(address).describe('LevIPs and gateways that it says it holds'),
  silenceMs: milliseconds.describe('since its last beat on either net; null: never heard'),
  reachesA: z.boolean(),
  reachesB: z.boolean(),
  routersReached: count
    .nullable()
    .describe('how many routers of net A answer it, of at most eight that it asks, as it says; null: not known'),
  serversReached: count.nullable().describe('the same of servers'),
  carries: z
    .strictObject({
      whyNot: z
        .string()
        .nullable()
        .describe('what keeps frames from getting through it; null: they do, as far as it knows'),
      since: z.string().describe('since when that is so, by its own clock: RFC 3339, UTC'),
    })
    .nullable()
    .describe('whether it forwards frames to servers and routes their answers, as it says; null: not known'),
  tried: z
    .strictObject({there: triedHalf, back: triedHalf})
    .nullable()
    .describe(
      'through whom its pings come out, as it says: there, to a service by the data path; back, as an answer by the gateway; null: not known',
    ),
  diskFault: z.string().nullable().describe('what it cannot write to its disk, and why, as it says; null: nothing'),
  hears: z
    .array(
      z.strictObject({
        leveler: z.string(),
        on: z
          .enum(['both', 'a', 'b', 'none'])
          .nullable()
          .describe('nets that it hears that leveler on, as it says; null: not known'),
      }),
    )
    .describe('what it hears of each other leveler'),
  software: z.string().nullable().describe('version of its elector; null: not known'),
  configDigest: digest.nullable().describe('of what its config file says of the whole cluster; null: not known'),
  keys: z
    .strictObject({sends: keyId, accepts: z.array(keyId)})
    .nullable()
    .describe('the key it signs with, and those it believes; null: not known'),
});

const outsiders = z
  .array(
    z.strictObject({
      id: count,
      name: z.string(),
      removed: z.boolean().describe('true: not admitted until it is added again. false: announced, has not joined yet'),
    }),
  )
  .describe('levelers that are no members, and of which an operator has said something');

const shared = z.strictObject({
  address,
  net: z.enum(['a', 'b']).describe('a: a LevIP. b: a gateway'),
  holder: z.string().nullable().describe('name of the leveler'),
  turn: count,
  heldMs: count,
  strangers: z.array(mac).describe('others that answer for it'),
});

const service = z.strictObject({
  address,
  protocol: z.string().describe('tcp, udp, sctp, any, or its number'),
  port: count.max(65_535).describe('0: every port'),
  group: z.string(),
  affinity: z.enum(['flow', 'client', 'port', 'ipid']),
  packets: count.nullable().describe('by this leveler; null: frame-forwarder not heard'),
  bytes: count.nullable(),
});

const server = z.strictObject({
  number: count,
  name: z.string(),
  address,
  group: z.string(),
  state: z.enum(['ready', 'draining', 'maintenance']),
  weight: count.max(1000),
  bins: count,
  packets: count.nullable().describe('by this leveler; null: frame-forwarder not heard'),
  bytes: count.nullable(),
  mac: mac.nullable().describe('null: not learnt yet'),
  otherMac: mac.nullable().describe('another one that was heard for its address within a minute, while mac answered'),
  silenceMs: milliseconds.describe('since it last answered an ARP request of ours; null: never'),
});

const group = z.strictObject({
  number: count.max(15),
  name: z.string(),
  servers: count,
  services: count,
});

const tally = z.strictObject({name: z.string(), count});

const status = z.strictObject({
  cluster: z.string().nullable().describe('null: this leveler has no state yet'),
  software: z.string().describe('version of the admin-broker that answered'),
  version: version.nullable().describe('of the cluster state in force on this leveler'),
  digest: digest.nullable(),
  agree: z.boolean().nullable().describe('whether every live leveler has this digest; null: not known'),
  differ: z.array(z.string()).describe('live levelers that have another one'),
  self: z.string().nullable().describe('name of the leveler that answered'),
  role: leveler.shape.role.nullable(),
  leader: z.string().nullable(),
  term: count.nullable(),
  mayForward: z.boolean().nullable().describe('whether the elector lets this leveler forward'),
  hasMajority: z.boolean().nullable(),
  securityMode: securityMode.nullable().describe('of this leveler'),
  standing: z
    .strictObject({
      state: z
        .enum([
          'whole',
          'reduced',
          'electing',
          'minority',
          'asking',
          'caretaker',
          'stopped',
          'frozen',
          'waiting',
          'outside',
          'joining',
          'unknown',
        ])
        .describe(
          'whole: all is there. reduced: a majority is. electing: no leader yet. minority: serves, cannot change. ' +
            'asking: it asks on net A whether others serve. caretaker: it serves, since nobody else does. ' +
            'stopped: others serve. frozen: neither. waiting: forwards nothing until level with the leader. outside: no member. ' +
            'joining: no state yet. unknown: the elector is silent',
        ),
      words: z.string(),
    })
    .describe('what the cluster can do, as this leveler sees it'),
  serving: z
    .strictObject({
      state: z
        .enum(['served', 'failing', 'untried'])
        .describe(
          'served: pings come through all holders of addresses. failing: they do not through one, but through others. untried: not known',
        ),
      words: z.string(),
    })
    .describe('whether clients are served, as far as pings of levelers through each other show'),
  servedBy: z.string().nullable().describe('leveler that serves instead, if standing is stopped and it is known'),
  levelers: z.array(leveler),
  outsiders,
  addresses: z.array(shared),
  engine: z
    .strictObject({
      name: z.string(),
      reason: z.string(),
      interfaceA: z.string(),
      interfaceB: z.string(),
      haltedBecause: z.string().nullable().describe('null: it forwards'),
      version: version.nullable().describe('that the data path follows'),
      digest: digest.nullable(),
    })
    .nullable()
    .describe('null: frame-forwarder not heard'),
  groups: z.array(group),
  services: z.array(service),
  servers: z.array(server),
  processes: z.array(z.strictObject({name: z.string(), silenceMs: milliseconds.describe('null: never heard')})),
  reasons: z.array(tally).describe('frames that left another way than to a server, and faults; not those that are 0'),
  warnings: z.array(z.strictObject({what: z.string(), advice: z.string()})),
});

const range = z.strictObject({
  first: count.max(65_535),
  last: count.max(65_535),
  server: z.string().nullable().describe('null: nobody'),
});

const table = z.strictObject({
  version,
  groups: z.array(
    z.strictObject({
      number: count.max(15),
      name: z.string(),
      bins: count.describe('of the whole table'),
      nobody: count.describe('bins without a server'),
      servers: z.array(
        z.strictObject({
          number: count,
          name: z.string(),
          address,
          weight: count.max(1000),
          bins: count,
          share: z.number().min(0).max(1).describe('bins / bins of the table'),
          configuredShare: z.number().min(0).max(1).describe('weight / weights of the ready servers of the group'),
        }),
      ),
      ranges: z.array(range).optional().describe('with --bins: the whole table, in order'),
    }),
  ),
});

const change = z.strictObject({
  changes: z.array(z.string()).describe('what changed, one sentence each'),
  version: version.nullable().describe('the version that has the change'),
  members: count.describe('how many count for the majority'),
  committedBy: z.array(z.string()).describe('members that have it on disk'),
  applied: z.array(z.string()).describe('levelers that apply it'),
  missing: z.array(z.string()).describe('members that do not yet; they catch up'),
  fenced: z.array(z.string()).describe('of the missing: those whose data path has stopped, so that they do no harm'),
  everywhere: z.boolean().describe('whether every member applies it or is fenced'),
});

const verify = z.strictObject({
  ok: z.boolean(),
  checks: z.array(
    z.strictObject({
      check: z.enum([
        'reachable',
        'nets',
        'leader',
        'version',
        'digest',
        'config',
        'software',
        'keys',
        'data path',
        'machine',
      ]),
      ok: z.boolean(),
      what: z.string(),
      advice: z.string().describe('what to do; empty if ok'),
    }),
  ),
});

const drain = z.strictObject({
  leveler: z.string().describe('name of the leveler that leaves'),
  holds: z.array(address).describe('LevIPs and gateways that nobody has taken: only with --force'),
  uninstalled: z
    .strictObject({engine: z.string().describe('cap or xdp'), interface: z.string()})
    .nullable()
    .describe('the data path that was taken away; null: it is where it was'),
});

const undrain = z.strictObject({leveler: z.string().describe('name of the leveler that takes part again')});

const keys = z.strictObject({
  rotation: count.describe('counts the steps of all rotations; 0: none yet, the key is that of the config file'),
  mode: securityMode.nullable().describe('security.mode of this leveler; null: its elector was not heard'),
  keys: z.array(
    z.strictObject({
      id: keyId,
      stage: z.enum(['current', 'next', 'previous']),
      on: z.array(z.string()).describe('members that are heard and accept it'),
      notOn: z.array(z.string()).describe('members that are heard and do not'),
      notHeard: z.array(z.string()),
    }),
  ),
  levelers: z.array(
    z.strictObject({
      name: z.string(),
      member: z.boolean(),
      live: z.boolean(),
      sends: keyId.nullable().describe('null: not told'),
      accepts: z.array(keyId),
    }),
  ),
  advice: z.string().describe('what to type next'),
});

const keyFile = z.strictObject({file: z.string(), advice: z.string()});

const verdict = z.enum(['forward', 'pass', 'drop', 'hold']);

const explained = z.strictObject({
  n: count.min(1).describe('place of the frame in the capture'),
  verdict: verdict
    .nullable()
    .describe('hold: a fragment that waits for its first; null: the capture cut the frame within its headers'),
  reason: z.string().describe('name of the reason, as in the counters; cut if verdict is null'),
  service: z.string().nullable().describe('ADDRESS[:PORT][/PROTOCOL]; null: none was found'),
  bin: count.max(65_535).nullable().describe('null: no key was made'),
  server: z.string().nullable().describe('name; null: nobody gets it'),
  mac: mac.nullable().describe('of the server; null: nobody gets it, or it is not known'),
  hash: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .nullable()
    .describe('SipHash-1-3 of the key; its last four digits are the bin'),
  agree: z
    .boolean()
    .nullable()
    .describe('whether the engine does the same; null: not known, engineSilentBecause says why'),
  group: z.string().nullable(),
  affinity: service.shape.affinity.nullable(),
  key: z
    .string()
    .regex(/^([0-9a-f]{28}|[0-9a-f]{76})$/)
    .nullable()
    .describe('14 bytes for IPv4, 38 for IPv6'),
  cut: z.boolean().describe('whether the capture has not all of the frame'),
  engine: z.string().nullable().describe('cap or xdp; null: none answered'),
  engineSilentBecause: z.string().nullable().describe('why agree is null; null: it is not'),
  engineSaid: z
    .strictObject({verdict, reason: z.string().nullable(), mac: mac.nullable()})
    .nullable()
    .describe('what the engine does, where it does not agree'),
});

const exported = z.strictObject({
  cluster: z.strictObject({name: z.string()}),
  version,
  groups: z.array(z.strictObject({name: z.string()})),
  servers: z.array(
    z.strictObject({
      name: z.string(),
      address,
      group: z.string(),
      weight: count.max(1000),
      state: server.shape.state,
    }),
  ),
  services: z.array(
    z.strictObject({
      service: z.string().describe('ADDRESS[:PORT][/PROTOCOL]'),
      group: z.string(),
      affinity: service.shape.affinity,
    }),
  ),
});

/** The documents that `--json` prints, by the name of their file in docs/schema. */
export const schemas = {
  'taco-status': status.describe('taco status'),
  'taco-leveler-list': z.strictObject({levelers: z.array(leveler), outsiders}).describe('taco leveler list'),
  'taco-server-list': z.strictObject({servers: z.array(server)}).describe('taco server list'),
  'taco-service-list': z.strictObject({services: z.array(service)}).describe('taco service list'),
  'taco-group-list': z.strictObject({groups: z.array(group)}).describe('taco group list'),
  'taco-key-list': keys.describe('taco key list'),
  'taco-key-file': keyFile.describe('taco key export, taco key generate'),
  'taco-table-show': table.describe('taco table show'),
  'taco-explain': explained.describe('taco explain: one such document on each line, for each frame'),
  'taco-export': exported.describe('taco export'),
  'taco-verify': verify.describe('taco verify; exit 1 unless ok'),
  'taco-leveler-drain': drain.describe('taco leveler drain'),
  'taco-leveler-undrain': undrain.describe('taco leveler undrain'),
  'taco-change': change.describe('every verb that changes something'),
  'taco-version': z
    .strictObject({taco: z.string(), broker: z.string().nullable().describe('null: not reached')})
    .describe('taco version'),
  'taco-log-line': z
    .strictObject({process: z.string(), line: z.string()})
    .describe('taco logs: one such document on each line'),
  'taco-error': z
    .strictObject({
      error: z.strictObject({exit: z.union([z.literal(1), z.literal(2)]), what: z.string(), advice: z.string()}),
    })
    .describe('whatever was refused (exit 1) or not understood (exit 2)'),
} as const;

export type StatusDocument = z.output<typeof status>;
export type LevelerDocument = z.output<typeof leveler>;
export type SharedDocument = z.output<typeof shared>;
export type ServerDocument = z.output<typeof server>;
export type ServiceDocument = z.output<typeof service>;
export type GroupDocument = z.output<typeof group>;
export type TableDocument = z.output<typeof table>;
export type RangeDocument = z.output<typeof range>;
export type ExplainedDocument = z.output<typeof explained>;
export type ExportDocument = z.output<typeof exported>;
export type ChangeDocument = z.output<typeof change>;
export type VerifyDocument = z.output<typeof verify>;
export type KeysDocument = z.output<typeof keys>;
export type KeyFileDocument = z.output<typeof keyFile>;
export type DrainDocument = z.output<typeof drain>;
export type UndrainDocument = z.output<typeof undrain>;
export type VersionDocument = z.output<(typeof schemas)['taco-version']>;
