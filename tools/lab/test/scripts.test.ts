import {
  bridgeScript,
  cableScript,
  defaultOptions,
  type Host,
  hostScript,
  namespaceBatch,
  planLab,
  writeTacoToml,
} from '@tacoplex/lab';
import test from 'ava';
import {parseProcesses} from '../src/supervisor.ts';

const hostOf = (name: string, options: Partial<typeof defaultOptions> = {}): Host => {
  const host = planLab({...defaultOptions, ...options}).hosts.find(candidate => candidate.name === name);
  if (host === undefined) {
    throw new RangeError(name);
  }

  return host;
};

test('namespaces and bridges are made by two commands', t => {
  t.is(namespaceBatch(['taco-x-wire', 'taco-x-client']), 'netns add taco-x-wire\nnetns add taco-x-client\n');
  t.regex(bridgeScript(['net-a']), /^link add net-a type bridge stp_state 0 forward_delay 0 mcast_snooping 0$/m);
});

test('a cable leads from a bridge straight into a host', t => {
  t.is(
    cableScript([hostOf('client')]),
    `set -e
ip -batch - <<'END'
link add client-front type veth peer name front address 02:00:c0:00:02:07 netns taco-default-client
link set client-front master front up
END
`,
  );
});

test('a leveler forwards, sends no redirects and leaves checksums to nobody', t => {
  const script = hostScript(hostOf('leveler0'));

  t.regex(script, /^echo 1 >\/proc\/sys\/net\/ipv4\/ip_forward$/m);
  t.regex(script, /^echo 0 >\/proc\/sys\/net\/ipv4\/conf\/a0\/send_redirects$/m);
  t.regex(script, /^ethtool -K b0 tx off tso off gso off gro off lro off$/m);
  t.regex(script, /^route replace 0\.0\.0\.0\/0 via 10\.0\.0\.1$/m);
});

test('a server has the ServIP on its loopback and keeps silent about it', t => {
  const script = hostScript(hostOf('server0'));

  t.regex(script, /^addr replace 10\.0\.1\.200\/32 dev lo$/m);
  t.regex(script, /^addr replace fd00:b::200\/128 dev lo$/m);
  t.regex(script, /^echo 1 >\/proc\/sys\/net\/ipv4\/conf\/b0\/arp_ignore$/m);
  t.notRegex(hostScript(hostOf('client')), /arp_ignore/);
});

test('the router shares traffic between LevIPs', t => {
  t.regex(
    hostScript(hostOf('router', {levIps: 2})),
    /^route replace 10\.0\.1\.200\/32 nexthop via 10\.0\.0\.200 nexthop via 10\.0\.0\.201$/m,
  );
});

test('taco.toml names the shared addresses and no server', t => {
  t.is(
    writeTacoToml({...defaultOptions, name: 'demo', dwellS: 5, levIps: 2}),
    `[cluster]
name = "demo"
key_file = "/etc/tacoplex/cluster.key"

[net_a]
subnet = "10.0.0.0/24"
subnet6 = "fd00:a::/64"
levips = ["10.0.0.200", "10.0.0.201", "fd00:a::200", "fd00:a::201"]
routers = ["10.0.0.1", "fd00:a::1"]

[net_b]
subnet = "10.0.1.0/24"
subnet6 = "fd00:b::/64"
gateways = ["10.0.1.254", "fd00:b::254"]

[intake]
mode = "turns"
dwell_s = 5

[engine]
engine = "auto"
`,
  );
});

test("a witness's file says so first", t => {
  const [leveler, witness] = [writeTacoToml(defaultOptions), writeTacoToml(defaultOptions, 'witness')];

  t.is(witness, `role = "witness"\n\n${leveler}`);
});

test('the answer of a supervisord is read, whatever else it tells of a process', t => {
  const struct = (name: string, state: string, pid: number): string => `<value><struct>
<member><name>name</name><value><string>${name}</string></value></member>
<member><name>start</name><value><int>1800000000</int></value></member>
<member><name>now</name><value><int>1800000004</int></value></member>
<member><name>statename</name><value><string>${state}</string></value></member>
<member><name>pid</name><value><int>${pid}</int></value></member></struct></value>`;

  t.deepEqual(
    parseProcesses(`<array><data>${struct('elector', 'RUNNING', 12)}\n${struct('taco', 'BACKOFF', 0)}</data></array>`),
    [
      {name: 'elector', state: 'RUNNING', pid: 12, upS: 4},
      {name: 'taco', state: 'BACKOFF', pid: 0, upS: 4},
    ],
  );
});
