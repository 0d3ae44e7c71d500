import {createInterface} from 'node:readline';
import {shared, waitFor} from '@tacoplex/lab';
import {fetchPages, onStage, statusWith, untilWhole} from '../src/index.ts';
import {lab} from './two-levelers.ts';

const test = onStage();
const service = `http://${shared.servIp.ipv4}/`;

const taco = async (...words: string[]) => lab().exec('leveler1', ['taco', ...words]);

test('a server that is added on one leveler serves through all, and one that is removed does not', async t => {
  const added = await lab().addServer();

  const {code, stdout} = await taco('server', 'add', added.name, added.links[0]?.ipv4 ?? '');
  t.is(code, 0);
  t.regex(stdout, /server2/);
  t.regex(stdout, /version \d+\.\d+ on leveler0, leveler1/);
  await statusWith(lab(), 'leveler0', 'it can be reached', ({servers}) =>
    servers.some(({name, mac}) => name === added.name && mac !== null),
  );
  const with3 = await fetchPages(lab(), service, 300);
  t.deepEqual(with3.perCause, {});
  t.deepEqual(Object.keys(with3.perServer).sort(), ['server0', 'server1', 'server2']);

  t.is((await taco('server', 'remove', added.name)).code, 0);
  const with2 = await fetchPages(lab(), service, 300);
  t.deepEqual(with2.perCause, {});
  t.deepEqual(Object.keys(with2.perServer).sort(), ['server0', 'server1']);
});

test('a weight of three gives three times the bins', async t => {
  t.is((await taco('server', 'weight', 'server0', '3')).code, 0);

  const table = JSON.parse((await taco('table', 'show', '--json')).stdout) as {
    groups: {servers: {name: string; bins: number}[]}[];
  };

  t.deepEqual(
    table.groups[0]?.servers.map(({name, bins}) => [name, bins]),
    [
      ['server0', 49_152],
      ['server1', 16_384],
    ],
  );
  t.is((await taco('server', 'weight', 'server0', '1')).code, 0);
});

for (const [what, words, message] of [
  ['a server that exists', ['server', 'add', 'server0', '10.0.1.101'], /server0/],
  ['a server that does not exist', ['server', 'remove', 'server9'], /server9/],
  ['a group that does not exist', ['server', 'add', 'server9', '10.0.1.101', '--group', 'nowhere'], /nowhere/],
  ['a service for a group without servers', ['service', 'add', '10.0.1.201:80', '--group', 'nowhere'], /nowhere/],
  ['a service that exists', ['service', 'add', '10.0.1.200:80/tcp'], /10\.0\.1\.200:80/],
] as const) {
  test(`${what} is refused in one line, and nothing changes`, async t => {
    const versionOf = async () => statusWith(lab(), 'leveler1', 'a version', ({version}) => version ?? undefined);
    const before = await versionOf();

    const {code, stdout, stderr} = await taco(...words);

    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, message);
    t.is(await versionOf(), before);
  });
}

test('all levelers are verified to be one cluster, and a stale --if-version is refused', async t => {
  const {code, stdout} = await taco('verify', '--wait', '10');
  t.is(code, 0, stdout);
  t.regex(stdout, /^ok +config +[0-9a-f]{16}$/m);

  const stale = await taco('server', 'weight', 'server0', '2', '--if-version', '1.1');
  t.is(stale.code, 1);
  t.regex(stale.stderr, /^taco: version \d+\.\d+ is in force, not 1\.1$/m);
});

test('a leveler is drained and undrained from the other, and no request fails', async t => {
  t.is((await taco('leveler', 'drain', 'leveler0')).code, 0);
  await statusWith(lab(), 'leveler1', 'leveler0 leaves', ({levelers}) =>
    levelers.some(({name, state}) => name === 'leveler0' && state === 'leaving'),
  );
  t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});

  const {code, stdout} = await taco('leveler', 'undrain', 'leveler0');
  t.is(code, 0);
  t.regex(stdout, /^leveler leveler0 takes part again/);
  await untilWhole(lab());
  t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});
});

test('what taco does not understand it says, with exit code 2', async t => {
  for (const words of [['frobnicate'], ['server', 'add'], ['server', 'add', 'x', 'no-address'], ['s', 'list']]) {
    const {code, stderr} = await taco(...words);

    t.is(code, 2, words.join(' '));
    t.not(stderr, '');
  }
});

test("the original's letters show the state in the original's words", async t => {
  const {code, stdout} = await taco('adm');

  t.is(code, 0);
  t.regex(
    stdout,
    /^TacoPleX \(Version \d+\.\d+(\.\d+)?\)\nUsing 65536 bins\.\nI am (not )?the leader\.\nLeveler: 10\.0\.1\.1 \d+\nLeveler: 10\.0\.1\.2 \d+\nServer: 10\.0\.1\.101 \d+\nServer: 10\.0\.1\.102 \d+\nVirtual: 10\.0\.1\.200:80 \d+\n/,
  );
});

test('a second frame-forwarder is refused and the first goes on', async t => {
  const {code, stderr} = await lab().exec('leveler0', [
    'node',
    '/opt/tacoplex/packages/frame-forwarder/dist/bundle/main.js',
    '-f',
    '/etc/tacoplex/taco.toml',
  ]);

  t.is(code, 1);
  t.regex(stderr, /another frame-forwarder is running here/);
  t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});
});

test('taco without a broker, or without the right to its socket, says so', async t => {
  const noBroker = await lab().exec('leveler0', ['taco', 'status', '--socket', '/run/tacoplex/nobody.sock']);
  const noRight = await lab().exec('leveler0', [
    'setpriv',
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    'taco',
    'status',
  ]);

  t.is(noBroker.code, 1);
  t.regex(noBroker.stderr, /nobody\.sock/);
  t.is(noRight.code, 1);
  t.regex(noRight.stderr, /group/);
});

test('datagrams without a signature change nothing', async t => {
  await untilWhole(lab());
  const before = await statusWith(lab(), 'leveler0', 'a version', ({version}) => version ?? undefined);
  const send = `
    const socket = require('dgram').createSocket('udp4');
    const sizes = [0, 1, 16, 64, 400, 1200, 1400];
    let sent = 0;
    const next = () => sent === 500 ? socket.close() : socket.send(require('crypto').randomBytes(sizes[sent++ % sizes.length]), 7848, process.argv[1], next);
    next();`;

  for (const [host, target] of [
    ['router', '10.0.0.101'],
    ['server0', '10.0.1.1'],
    ['server0', '224.0.0.178'],
  ] as const) {
    t.is((await lab().exec(host, ['node', '-e', send, target])).code, 0);
  }

  const counted = await statusWith(lab(), 'leveler0', 'they are counted', ({reasons}) =>
    reasons.find(({name}) => name === 'datagram malformed'),
  );
  t.true(counted.count >= 500, String(counted.count));
  await untilWhole(lab());
  t.is(await statusWith(lab(), 'leveler0', 'a version', ({version}) => version ?? undefined), before);
});

for (const [what, script, message] of [
  ['an unknown key', "sed 's/^dwell_s/dwell/' taco.toml > bad.toml", /bad\.toml:\d+: intake\.dwell: unknown key/],
  [
    'a wrong type',
    'sed \'s/^dwell_s = .*/dwell_s = "5"/\' taco.toml > bad.toml',
    /bad\.toml:\d+: intake\.dwell_s: must be a whole number/,
  ],
  [
    'an address outside its net',
    "sed 's/10.0.0.200/10.0.9.200/' taco.toml > bad.toml",
    /bad\.toml:\d+: net_a\.levips\[0\]: must be inside/,
  ],
  [
    'no interface on net B',
    "sed 's/10.0.1.0/10.0.7.0/; s/10.0.1.254/10.0.7.254/' taco.toml > bad.toml",
    /net_b.*10\.0\.7\.0\/24/,
  ],
  ['a missing key file', "sed 's/cluster.key/none.key/' taco.toml > bad.toml", /none\.key: cannot be read/],
  [
    'a key that others may read',
    "cp cluster.key open.key; chmod 644 open.key; sed 's/cluster.key/open.key/' taco.toml > bad.toml",
    /open\.key: can be read by others/,
  ],
  [
    'two interfaces on net A',
    'cp taco.toml bad.toml; ip link add extra0 type veth peer name extra1; ip addr add 10.0.0.77/24 dev extra0',
    /net_a.*extra0/,
  ],
] as const) {
  test(`${what} stops the elector with one line and exit code 2`, async t => {
    const {code, stderr} = await lab().exec('leveler0', [
      'sh',
      '-c',
      `cd /etc/tacoplex && ${script}; node /opt/tacoplex/packages/elector/dist/bundle/main.js -n -f /etc/tacoplex/bad.toml; code=$?; ip link del extra0 2>/dev/null; exit $code`,
    ]);

    t.is(code, 2);
    t.regex(stderr, message);
    t.is(stderr.trim().split('\n').length, 1);
  });
}

test('taco status --watch follows a leveler, a document a line, while its admin-broker is killed', async t => {
  const watching = lab().spawn('leveler1', ['taco', 'status', '--watch', '--every', '100ms', '--json'], {
    stdio: 'pipe',
  });
  t.teardown(() => watching.kill('SIGKILL'));
  const versions: unknown[] = [];
  createInterface({input: watching.stdout!}).on('line', line => {
    const document = JSON.parse(line) as {readonly version?: unknown};
    if ('version' in document) {
      versions.push(document.version);
    }
  });
  const untilMore = async (): Promise<unknown> => {
    const before = versions.length;
    return waitFor(() => versions.length > before + 1, {what: 'two documents more', seen: () => `${before} in all`});
  };
  await untilMore();

  const former = await lab().killProcess('leveler1', 'admin-broker');
  await lab().waitForSuccessor('leveler1', 'admin-broker', former);
  await untilMore();

  const version = await statusWith(lab(), 'leveler1', 'a version', status => status.version ?? undefined);
  t.is(versions.at(-1), version);
});

test('taco logs shows what a process said, and follows', async t => {
  const {code, stdout} = await taco('logs', 'elector', '-n', '5');
  t.is(code, 0);
  t.regex(stdout, /elector: \w+: /);

  const following = lab().spawn('leveler1', ['taco', 'logs', 'admin-broker', '-f', '-n', '0'], {stdio: 'pipe'});
  t.teardown(() => following.kill('SIGKILL'));
  let heard = '';
  following.stdout?.on('data', data => {
    heard += String(data);
  });
  await waitFor(
    async () => {
      await taco('group', 'add', 'seen');
      await taco('group', 'remove', 'seen');
      return heard.includes('admin-broker: notice');
    },
    {what: 'the audit line', everyMs: 500, seen: () => `heard: ${heard}`},
  );
  t.regex(heard, /admin-broker: notice: /);
});
