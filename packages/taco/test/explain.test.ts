import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {buildFlow, type Flow, type FrameBytes} from '@tacoplex/explaining';
import {joinBytes} from '@tacoplex/frames';
import type {IpAddress} from '@tacoplex/vocabulary';
import test, {type ExecutionContext} from 'ava';
import {schemas} from '../src/schemas.ts';
import {parseStateFile} from '../src/state-file.ts';
import {LevelerOnDisk, type Ran, runTaco} from './leveler-on-disk.ts';

const exampleFile = new URL('../../../../examples/state.toml', import.meta.url).pathname;

const flow = (changes: Partial<Flow> = {}): Flow => ({
  protocol: 6,
  source: '192.0.2.7' as IpAddress,
  destination: '10.0.1.200' as IpAddress,
  sourcePort: 40_001,
  destinationPort: 80,
  ...changes,
});
/** To a service, to a port without one, cut behind its ports, cut within its addresses, from an address of servers. */
const frames: readonly FrameBytes[] = [
  buildFlow(flow()),
  buildFlow(flow({destinationPort: 81})),
  {bytes: buildFlow(flow({sourcePort: 7})).bytes.slice(0, 54), length: 60},
  {bytes: buildFlow(flow()).bytes.slice(0, 30), length: 60},
  buildFlow(flow({source: '10.0.1.200' as IpAddress})),
];

/** As tcpdump writes it on this machine. */
const writePcap = (written: readonly FrameBytes[]): Uint8Array => {
  const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
  return joinBytes(
    words(0xa1b2c3d4, 0x0004_0002, 0, 0, 65_535, 1),
    ...written.flatMap(({bytes, length}) => [words(1, 2, bytes.length, length), bytes]),
  );
};

const inFolder = (t: ExecutionContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-explain-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  return (name: string, content: Uint8Array | string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
};

const lines = ({stdout}: Ran) =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => schemas['taco-explain'].parse(JSON.parse(line)));

const byFile = async (...words: readonly string[]): Promise<Ran> =>
  runTaco(['explain', '--state', exampleFile, ...words], {});
const flowWords = ['tcp', '192.0.2.7:40001', '10.0.1.200:80'];

test('without a cluster, a flow is explained by a file, and that the key is an example is said', async t => {
  const {exit, stdout, stderr} = await byFile(...flowWords);

  t.is(exit, 0);
  t.regex(stderr, /^taco: .*state\.toml has no hash_key: .*\n$/);
  t.is(
    stdout,
    `tcp 192.0.2.7:40001 -> 10.0.1.200:80 goes to server server0

  service  10.0.1.200:80/tcp, group default, affinity flow
  key      c00002070a0001c89c4100500600
           c0000207 source 192.0.2.7
           0a0001c8 destination 10.0.1.200
           9c41 source port 40001
           0050 destination port 80
           06 protocol TCP
           00 kind flow
  hash     148f8f4f293bb1c0, SipHash-1-3 of the key under the cluster's hash key
  bin      45504, the low 16 bits of the hash
  server   server0, 10.0.1.101, number 1, weight 1, ready
  MAC      02:00:00:00:01:65
  verdict  forward, forwarded: sent to the server of its bin
  state    from the file, tables computed from it
  engine   not asked: a file has none
`,
  );
});

test('as JSON a flow is one line', async t => {
  const [document, ...others] = lines(await byFile('--json', ...flowWords));

  t.is(others.length, 0);
  t.like(document, {n: 1, verdict: 'forward', reason: 'forwarded', server: 'server0', bin: 45_504, agree: null});
  t.like(document, {engineSilentBecause: 'a file has none'});
});

test('a file with a hash key needs no remark, and MAC addresses it lacks are taken to be known', async t => {
  const write = inFolder(t);
  const text = readFileSync(exampleFile, 'utf8')
    .replace('# hash_key', 'hash_key')
    .replaceAll(/^mac = .*$/gm, '');

  const ran = await runTaco(['explain', '--json', '--state', write('state.toml', text), ...flowWords], {});

  t.is(ran.stderr, '');
  t.like(lines(ran)[0], {verdict: 'forward', server: 'server0', mac: null});
});

test('each frame of a capture is one line', async t => {
  const told = lines(await byFile('--json', '--pcap', inFolder(t)('frames.pcap', writePcap(frames))));

  t.deepEqual(
    told.map(({n, verdict, reason, cut}) => [n, verdict, reason, cut]),
    [
      [1, 'forward', 'forwarded', false],
      [2, 'pass', 'no-service', false],
      [3, 'forward', 'forwarded', true],
      [4, null, 'cut', true],
      [5, 'drop', 'source-address', false],
    ],
  );
});

test('a capture for people ends with what became of how many', async t => {
  const {exit, stdout} = await byFile('--pcap', inFolder(t)('frames.pcap', writePcap(frames)));

  t.is(exit, 0);
  t.regex(
    stdout,
    /^ {5}N {2}VERDICT {2}REASON .* ENGINE\n {5}1 {2}forward {2}forwarded .* server0 .* 02:00:00:00:01:65 {2}-\n/,
  );
  t.true(
    stdout.endsWith(`
5 frames
          2  forward
          1  pass, no-service
          1  cut
          1  drop, source-address
2 frames cut by the capture
not compared with an engine: a file has none
`),
    stdout,
  );
});

test('many frames are explained one by one, in batches', async t => {
  const many = Array.from({length: 1500}, (_, index) => buildFlow(flow({sourcePort: 1000 + index})));

  const told = lines(await byFile('--json', '--pcap', inFolder(t)('frames.pcap', writePcap(many))));

  t.deepEqual(
    told.map(({n}) => n),
    many.map((_, index) => index + 1),
  );
});

test('of a capture that is cut in the middle, what there is is explained before the fault is told', async t => {
  const file = inFolder(t)('frames.pcap', writePcap(frames).slice(0, -5));

  const {exit, stdout, stderr} = await byFile('--json', '--pcap', file);

  t.is(exit, 2);
  t.regex(stderr, /frames\.pcap: record 5 \(at byte 292\) says that it has 60 bytes of a frame, but has 55\n$/);
  const told = stdout.trimEnd().split('\n');
  t.is(told.length, 5, 'four frames, and the error in one line too');
  t.like(schemas['taco-error'].parse(JSON.parse(told[4] ?? '')), {error: {exit: 2}});
});

test('what cannot be read is refused in one line that says what would do', async t => {
  const write = inFolder(t);
  const wrong: Readonly<Record<string, readonly string[]>> = {
    'nowhere\\.pcap cannot be read': ['--pcap', '/nowhere.pcap'],
    'text\\.pcap: the file is no capture': ['--pcap', write('text.pcap', 'hello')],
    'bad\\.toml:2: cluster\\.name: missing': ['--state', write('bad.toml', '\n[cluster]\n'), ...flowWords],
    'missing\\.toml: cannot be read': ['--state', '/missing.toml', ...flowWords],
    'tcp needs one': ['tcp', '192.0.2.7', '10.0.1.200'],
  };
  for (const [what, words] of Object.entries(wrong)) {
    const {exit, stdout, stderr} = await runTaco(
      ['explain', ...(words.includes('--pcap') ? ['--state', exampleFile] : []), ...words],
      {},
    );

    t.is(exit, 2, what);
    t.is(stdout, '', what);
    t.regex(stderr, new RegExp(what));
  }
});

test('without a cluster and without a file, the answer says what is missing', async t => {
  const {exit, stderr} = await runTaco(['explain', ...flowWords], {TACOPLEX_SOCKET: '/nowhere'});

  t.is(exit, 1);
  t.regex(stderr, /^taco: no admin-broker is running here/);
});

/** A cluster of two servers and a service, on disk. Its tests are serial: its elector must not fall silent. */
const openCluster = async (t: ExecutionContext) => {
  const leveler = new LevelerOnDisk();
  t.teardown(async () => leveler.stop());
  await leveler.startBroker();
  await leveler.startElector();
  const taco = async (...words: readonly string[]): Promise<Ran> =>
    runTaco(words, {TACOPLEX_SOCKET: leveler.runFolder});
  for (const words of [
    'server add s1 10.0.1.101',
    'server add s2 10.0.1.102 --weight 3',
    'service add 10.0.1.200:80',
  ]) {
    const {exit, stderr} = await taco(...words.split(' '));
    t.is(exit, 0, `${words}: ${stderr}`);
  }

  return {leveler, taco};
};

test.serial('a running cluster explains by its own table, and its engine agrees', async t => {
  const {leveler, taco} = await openCluster(t);
  await leveler.startForwarder();

  const {exit, stdout, stderr} = await taco('explain', ...flowWords);

  t.is(exit, 0, stderr);
  t.is(stderr, '');
  t.regex(stdout, /^tcp 192\.0\.2\.7:40001 -> 10\.0\.1\.200:80 goes to server s\d\n/);
  t.regex(stdout, /\n {2}MAC {6}02:00:00:00:01:0\d\n/);
  t.regex(stdout, /\n {2}state {4}version 3\.4\n {2}engine {3}xdp agrees\n$/);

  const capture = await taco('explain', '--pcap', inFolder(t)('frames.pcap', writePcap(frames)), '--json');
  t.deepEqual(
    lines(capture).map(({agree, engine}) => [agree, engine]),
    [
      [true, 'xdp'],
      [true, 'xdp'],
      [true, 'xdp'],
      [null, 'xdp'],
      [true, 'xdp'],
    ],
  );
});

test.serial('without an engine that answers, a running cluster explains all the same', async t => {
  const {taco} = await openCluster(t);

  const ran = await taco('explain', ...flowWords);

  t.is(ran.exit, 0);
  t.regex(ran.stdout, /\n {2}MAC {6}not known\n/);
  t.regex(ran.stdout, /is dropped\n/);
  t.regex(ran.stdout, /\n {2}engine {3}gave no word: frame-forwarder was never heard\n$/);
  t.like(lines(await taco('explain', '--json', ...flowWords))[0], {
    agree: null,
    engine: null,
    engineSilentBecause: 'frame-forwarder was never heard',
  });
});

test.serial('an engine that takes seconds is waited for, and who waits is told', async t => {
  const {leveler, taco} = await openCluster(t);
  await leveler.startForwarder(undefined, 2500);

  const ran = await taco('explain', '--json', ...flowWords);

  t.is(ran.stderr, 'taco: no answer yet; the engine is waited for, up to 15 s\n');
  t.like(lines(ran)[0], {agree: true, engine: 'xdp', engineSilentBecause: null});
});

test.serial('frames that the engine did not judge are counted, with why', async t => {
  const {leveler, taco} = await openCluster(t);
  await leveler.startForwarder((decision, index) => (index === 1 ? {} : decision));
  const capture = inFolder(t)('frames.pcap', writePcap(frames));

  t.deepEqual(
    lines(await taco('explain', '--pcap', capture, '--json')).map(({engineSilentBecause}) => engineSilentBecause),
    [null, 'xdp cannot try such a frame', null, 'the capture cut the frame within its headers', null],
  );
  t.true(
    (await taco('explain', '--pcap', capture)).stdout.endsWith(`
engine xdp agrees on 3 of 5 frames
1 frame not compared: xdp cannot try such a frame
1 frame not compared: the capture cut the frame within its headers
`),
  );
});

test.serial('an engine that decides otherwise is cried out, counted and named; exit 1', async t => {
  const {leveler, taco} = await openCluster(t);
  await leveler.startForwarder((decision, index) => (index === 1 ? {verdict: 'drop', reason: 'no-server'} : decision));

  const ran = await taco('explain', '--pcap', inFolder(t)('frames.pcap', writePcap(frames)), '--json');

  t.is(ran.exit, 1);
  t.regex(ran.stderr, /^taco: ENGINE AND REFERENCE DIFFER: engine xdp decides otherwise on 1 of 5 frames: 2\n/);
  t.like(lines(ran)[1], {
    verdict: 'pass',
    agree: false,
    engineSaid: {verdict: 'drop', reason: 'no-server', mac: null},
  });
});

test('the leveler that took the frames may be named: others are not ours', async t => {
  const file = inFolder(t)('frames.pcap', writePcap(frames));

  const told = lines(await byFile('--json', '--pcap', file, '--our-mac', '02:00:00:00:00:0b'));

  t.is(told[0]?.reason, 'not-ours');
});

test.serial('what a cluster exports is a file to explain by', async t => {
  const {taco} = await openCluster(t);
  const {exit, stdout} = await taco('export');

  t.is(exit, 0);
  t.is(
    stdout,
    `# Cluster demo, version 3.4; written by taco export.
# Not in it: the hash key, which is secret, levelers, and bin tables.

[cluster]
name = "demo"

[[groups]]
name = "default"

[[servers]]
name = "s1"
address = "10.0.1.101"
group = "default"
weight = 1
state = "ready"

[[servers]]
name = "s2"
address = "10.0.1.102"
group = "default"
weight = 3
state = "ready"

[[services]]
service = "10.0.1.200:80/tcp"
group = "default"
affinity = "flow"
`,
  );
  t.like(parseStateFile(stdout, 'state.toml').ground, {
    servers: {0: {name: 's1'}, 1: {name: 's2', weight: 3}},
  } as never);
  t.like(schemas['taco-export'].parse(JSON.parse((await taco('export', '--json')).stdout)), {
    version: '3.4',
    servers: {1: {name: 's2', weight: 3}},
    services: {0: {service: '10.0.1.200:80/tcp'}},
  } as never);
});
