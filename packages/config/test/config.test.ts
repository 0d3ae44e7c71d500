import {chmodSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ConfigError} from '@tacoplex/errors';
import test from 'ava';
import {
  digestConfig,
  fingerprintOf,
  formatKeyRing,
  keyFilePath,
  parseConfig,
  readConfig,
  readKeyRing,
  readKeyRingIfAny,
  snoopedGroup,
} from '../src/index.ts';

const example = readFileSync(new URL('../../../../examples/taco.toml', import.meta.url), 'utf8');

const fault = (text: string): string => {
  try {
    parseConfig(text, '/etc/tacoplex/taco.toml');
    return 'none';
  } catch (error) {
    return error instanceof ConfigError ? error.message : `not a ConfigError: ${String(error)}`;
  }
};

test('a machine is a leveler unless its config makes it a witness, which the others need not know', t => {
  const [leveler, witness] = ['', 'role = "witness"\n'].map(role => parseConfig(`${role}${example}`, 'taco.toml'));

  t.is(leveler?.role, 'leveler');
  t.is(witness?.role, 'witness');
  t.is(digestConfig(leveler!), digestConfig(witness!));
});

test('beats need no group that switches may forget, but where the config names one and not all levelers', t => {
  const named = example.replace('[cluster]', '[cluster]\nmulticast = "239.255.78.48"\n#');
  const withPeers = (text: string): string =>
    text
      .replace('[net_a]', '[net_a]\npeers = ["10.0.0.101"]\n#')
      .replace('[net_b]', '[net_b]\npeers = ["10.0.1.1"]\n#');
  const groupOf = (text: string): string | undefined => snoopedGroup(parseConfig(text, 'taco.toml'));

  t.like(parseConfig(example, 'taco.toml').cluster, {multicast: '224.0.0.178'});
  t.is(groupOf(example), undefined);
  t.is(groupOf(named), '239.255.78.48');
  t.is(groupOf(named.replace('[net_a]', '[net_a]\npeers = ["10.0.0.101"]\n#')), '239.255.78.48');
  t.is(groupOf(withPeers(named)), undefined);
});

test('the shipped example is a good config', t => {
  const config = parseConfig(example, 'taco.toml');

  t.deepEqual(config.netA.levips, ['10.0.0.200']);
  t.is(config.intake.dwellMs, 30_000);
  t.is(config.engine.capRingBytes, 64 * 1024 * 1024);
  t.is(config.cluster.port, 7848);
  t.is(config.paths.run, '/run/tacoplex');
});

for (const [what, from, to, message] of [
  ['an unknown role', '[cluster]', 'role = "wittness"\n[cluster]', 'taco.toml:4: role: must be "leveler" or "witness"'],
  [
    'an unknown key',
    'dwell_s = 30',
    'dwell = 30',
    'taco.toml:21: intake.dwell: unknown key; known here: mode, dwell_s',
  ],
  [
    'an unknown section',
    '[engine]',
    '[motor]',
    'taco.toml:23: motor: unknown key; known here: role, cluster, net_a, net_b, intake, engine, timing, security, paths',
  ],
  ['a wrong type', 'beat_ms = 50', 'beat_ms = "50"', 'taco.toml:28: timing.beat_ms: must be a whole number 10..1000'],
  [
    'a number out of range',
    'beat_ms = 50',
    'beat_ms = 5',
    'taco.toml:28: timing.beat_ms: must be a whole number 10..1000',
  ],
  [
    'a LevIP outside net A',
    '"10.0.0.200"]',
    '"10.0.1.200"]',
    'taco.toml:11: net_a.levips[0]: must be inside the subnets of net_a, not 10.0.1.200',
  ],
  [
    'a gateway outside net B',
    '10.0.1.254',
    '10.0.0.254',
    'taco.toml:17: net_b.gateways[0]: must be inside the subnets of net_b, not 10.0.0.254',
  ],
  [
    'a peer outside its net',
    'gateways = ["10.0.1.254"]',
    'peers = ["10.0.1.1", "10.0.0.2"]',
    'taco.toml:17: net_b.peers[1]: must be inside the subnets of net_b, not 10.0.0.2',
  ],
  [
    'a peer that is no IPv4 address',
    'gateways = ["10.0.1.254"]',
    'peers = ["fd00:b::1"]',
    'taco.toml:17: net_b.peers[0]: must be an IPv4 address in quotes, not "fd00:b::1"',
  ],
  [
    'a LevIP that is a broadcast address',
    '"10.0.0.200"]',
    '"10.0.0.200", "10.0.0.255"]',
    'taco.toml:11: net_a.levips[1]: must be an address that nothing else has; 10.0.0.255 is the broadcast address of net A (10.0.0.0/24)',
  ],
  [
    'a LevIP that names its net',
    '"10.0.0.200"]',
    '"fd00:a::"]',
    'taco.toml:11: net_a.levips[0]: must be an address that nothing else has; fd00:a:: is the network address of net A (fd00:a::/64)',
  ],
  [
    "a LevIP that is a router's",
    '"10.0.0.200"]',
    '"10.0.0.1"]',
    'taco.toml:11: net_a.levips[0]: must be an address that nothing else has; 10.0.0.1 is a router on net A',
  ],
  [
    "a LevIP that is a leveler's",
    'levips = ["10.0.0.200"]',
    'peers = ["10.0.0.11", "10.0.0.12"]\nlevips = ["10.0.0.12"]',
    "taco.toml:12: net_a.levips[0]: must be an address that nothing else has; 10.0.0.12 is a leveler's own address on net A",
  ],
  [
    'a gateway that names its net',
    '"10.0.1.254"',
    '"10.0.1.0"',
    'taco.toml:17: net_b.gateways[0]: must be an address that nothing else has; 10.0.1.0 is the network address of net B (10.0.1.0/24)',
  ],
  [
    "a gateway that is a leveler's",
    'gateways = ["10.0.1.254"]',
    'gateways = ["10.0.1.2"]\npeers = ["10.0.1.1", "10.0.1.2"]',
    "taco.toml:17: net_b.gateways[0]: must be an address that nothing else has; 10.0.1.2 is a leveler's own address on net B",
  ],
  [
    'a router with a broadcast address',
    'routers = ["10.0.0.1"]',
    'routers = ["10.0.0.255"]',
    'taco.toml:12: net_a.routers[0]: must be an address that nothing else has; 10.0.0.255 is the broadcast address of net A (10.0.0.0/24)',
  ],
  [
    'a peer with a broadcast address',
    'gateways = ["10.0.1.254"]',
    'peers = ["10.0.1.255"]',
    'taco.toml:17: net_b.peers[0]: must be an address that nothing else has; 10.0.1.255 is the broadcast address of net B (10.0.1.0/24)',
  ],
  [
    'no address',
    '"10.0.0.200"]',
    '"10.0.0.2000"]',
    'taco.toml:11: net_a.levips[0]: must be an IPv4 or IPv6 address in quotes, not "10.0.0.2000"',
  ],
  [
    'a subnet with host bits',
    '"10.0.1.0/24"',
    '"10.0.1.7/24"',
    'taco.toml:15: net_b.subnet: must be an IPv4 subnet in quotes, such as "10.0.1.0/24", with no bits behind its prefix, not "10.0.1.7/24"',
  ],
  [
    'two nets that are one',
    '"10.0.1.0/24"',
    '"10.0.0.0/24"',
    'taco.toml:17: net_b.gateways[0]: must be inside the subnets of net_b, not 10.0.1.254',
  ],
  [
    'impatience',
    'suspect_ms = 150',
    'suspect_ms = 100',
    'taco.toml:29: timing.suspect_ms: must be at least 3 x beat_ms, or one lost beat looks like a crash',
  ],
  [
    'a mode that is none',
    'mode = "enforcing"',
    'mode = "lax"',
    'taco.toml:33: security.mode: must be "enforcing", "permissive" or "receive-only"',
  ],
  [
    'a key file that is neither path nor credential',
    '"/etc/tacoplex/cluster.key"',
    '"cluster.key"',
    'taco.toml:6: cluster.key_file: must be an absolute path in quotes without control characters, or "credential:NAME" for what systemd hands over',
  ],
  ['a missing name', 'name = "example"', '', 'taco.toml:4: cluster.name: missing; must be a name in quotes'],
  [
    'broken TOML',
    '[net_a] ',
    '[net_a ',
    'taco.toml:9: no TOML: The key, equals sign, and value must be on the same line',
  ],
  ['a key twice', 'dwell_s = 30', 'mode = "turns"', 'taco.toml:21: no TOML: Defining a key multiple times is invalid'],
] as const) {
  test(`${what} is told with its line and what belongs there`, t => {
    t.true(example.includes(from));

    const said = fault(example.replace(from, to));

    t.is(said, message);
  });
}

test('line ends of other systems and a missing last one are no fault', t => {
  t.is(fault(example.replaceAll('\n', '\r\n')), 'none');
  t.is(fault(example.trimEnd()), 'none');
});

test('a missing file is told by name', t => {
  t.throws(() => readConfig('/nowhere/taco.toml'), {
    instanceOf: ConfigError,
    message: /^\/nowhere\/taco.toml: cannot be read/,
  });
});

test('a key is 64 digits that only its owner can read', t => {
  const file = join(mkdtempSync(join(tmpdir(), 'taco-key-')), 'cluster.key');
  t.throws(() => readKeyRing(file), {message: /cannot be read \(ENOENT\); make one with/});

  writeFileSync(file, `${'0123456789abcdef'.repeat(4)}\n`, {mode: 0o600});
  t.is(readKeyRing(file).keys[0]?.secret.length, 32);

  chmodSync(file, 0o640);
  t.throws(() => readKeyRing(file), {message: /can be read by others than its owner; type: chmod 600/});

  chmodSync(file, 0o600);
  writeFileSync(file, 'secret');
  t.throws(() => readKeyRing(file), {message: /must hold 64 hexadecimal digits/});
});

test('a key alone is the current one of rotation 0, and a key ring is read back as it was written', t => {
  const file = join(mkdtempSync(join(tmpdir(), 'taco-key-')), 'keys.ring');
  t.is(readKeyRingIfAny(file), undefined);
  writeFileSync(file, '00'.repeat(32), {mode: 0o600});
  const {keys, rotation} = readKeyRing(file);
  t.is(rotation, 0);
  t.like(keys, {length: 1, 0: {stage: 'current', fingerprint: fingerprintOf(new Uint8Array(32))}});

  const secret = new Uint8Array(32).fill(7);
  const next = {secret, fingerprint: fingerprintOf(secret), stage: 'next'} as const;
  const bare = {rotation: 3, cluster: 'demo', lineage: '', keyFile: '', copy: '', keys: [...keys, next]};
  for (const ring of [bare, {...bare, lineage: '1'.repeat(16), keyFile: '2'.repeat(16), copy: '3'.repeat(16)}]) {
    writeFileSync(file, formatKeyRing(ring));

    t.deepEqual(readKeyRingIfAny(file), ring);
  }

  writeFileSync(file, `tacoplex key ring 1\ncluster demo\nrotation 3\ncurrent ${'07'.repeat(32)}\n`);
  t.like(readKeyRing(file), {rotation: 3, lineage: '', keyFile: '', copy: ''});
});

test('a key ring that is none is told by its line, without what stands in it', t => {
  const file = join(mkdtempSync(join(tmpdir(), 'taco-key-')), 'keys.ring');
  const key = 'ab'.repeat(32);
  for (const [text, message] of [
    [`rotation 1\ncurent ${key}`, /line 3 is no line of a key ring; bring another: taco key export/],
    [`rotation 1\ncurrent ${key.slice(1)}`, /line 3 is no line/],
    [`rotation 1\nnext ${key}`, /must have a rotation and one current key/],
    [`lineage none\nrotation 1\ncurrent ${key}`, /line 2 is no line/],
    [`current ${key}`, /must have a rotation and one current key/],
  ] as const) {
    writeFileSync(file, `tacoplex key ring 1\n${text}\n`, {mode: 0o600});
    const {message: said} = t.throws(() => readKeyRing(file), {instanceOf: ConfigError, message});

    t.false(said.includes(key.slice(1)));
  }
});

test('a credential is found where systemd puts it, and its absence is told', t => {
  t.is(
    keyFilePath('credential:cluster.key', {CREDENTIALS_DIRECTORY: '/run/credentials/x'}),
    '/run/credentials/x/cluster.key',
  );
  t.throws(() => keyFilePath('credential:cluster.key', {}), {
    instanceOf: ConfigError,
    message: /systemd has handed over no credentials; the unit needs LoadCredential=cluster.key:FILE/,
  });
});

test('two files that say the same of the cluster have one digest, wherever their files are', t => {
  const digest = (text: string) => digestConfig(parseConfig(text, 'taco.toml'));
  const own = digest(example);

  t.regex(own, /^[0-9a-f]{16}$/);
  t.is(digest(example.replace(/^#.*$/gm, '').replace(/key_file = .*/, 'key_file = "/elsewhere"')), own);
  t.is(digest(`${example}\n[paths]\nrun = "/tmp/run"\n`), own);
  t.not(digest(example.replace('dwell_s = 30', 'dwell_s = 31')), own);
  t.not(digest(example.replace('"10.0.0.200"', '"10.0.0.201"')), own);
});
