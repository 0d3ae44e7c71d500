import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import ava, {type ExecutionContext} from 'ava';
import {schemas} from '../src/schemas.ts';
import {LevelerOnDisk, type Ran, runTaco, startTaco} from './leveler-on-disk.ts';

/** One after the other: each is a dozen processes, and an elector that must not fall silent. */
const test = ava.serial;

type Schema = keyof typeof schemas;

/** @returns runs taco on that leveler: words by blanks */
const open = async (t: ExecutionContext, {broker = true, elector = true} = {}) => {
  const leveler = new LevelerOnDisk();
  t.teardown(async () => leveler.stop());
  if (broker) {
    await leveler.startBroker();
  }

  if (broker && elector) {
    await leveler.startElector();
  }

  const taco = async (words: string): Promise<Ran> => runTaco(words.split(' '), {TACOPLEX_SOCKET: leveler.runFolder});
  const document = async (schema: Schema, words: string) => {
    const {stdout} = await taco(`${words} --json`);
    return schemas[schema].parse(JSON.parse(stdout)) as Readonly<Record<string, unknown>>;
  };

  return {leveler, taco, document};
};

const refused = (t: ExecutionContext, {exit, stdout, stderr}: Ran, what: RegExp) => {
  t.is(exit, 1, stderr);
  t.is(stdout, '');
  t.regex(stderr, what);
  t.is(stderr.trimEnd().split('\n').length, 2, 'one line that says what, one that says what to do');
};

test('a change prints what changed, the version, who applies it and who is missing', async t => {
  const {taco} = await open(t);

  t.deepEqual(await taco('server add s1 10.0.1.101'), {
    exit: 0,
    stdout: `group default added
server s1 (10.0.1.101) added to group default with weight 1: 65536 bins of 65536
version 3.2 on leveler0: committed by 1 of 2
everywhere: leveler1 did not answer and is fenced; it catches up on return
`,
    stderr: '',
  });
});

test('an operator builds a cluster, looks at it, and takes it apart', async t => {
  const {taco, document} = await open(t);
  const steps = [
    'group add web',
    'serve a s1 10.0.1.101 --group web --weight 3',
    'server add s2 10.0.1.102 --group web',
    'service add [fd00:b::200]:443 --group web --affinity client',
    'service add 10.0.1.200:53/udp --group web',
    'server weight s2 1',
  ];
  for (const step of steps) {
    t.is((await taco(step)).exit, 0, step);
  }

  t.like(await document('taco-server-list', 'server list'), {
    servers: {0: {name: 's1', bins: 49_152, weight: 3}, 1: {name: 's2', bins: 16_384}},
  });
  t.like(await document('taco-service-list', 'service list'), {
    services: {
      0: {address: '10.0.1.200', protocol: 'udp', port: 53, affinity: 'flow'},
      1: {address: 'fd00:b::200', protocol: 'tcp', port: 443, affinity: 'client', packets: null},
    },
  });
  t.like(await document('taco-group-list', 'group list'), {groups: {0: {name: 'web', servers: 2, services: 2}}});
  t.like(await document('taco-leveler-list', 'lev l'), {levelers: {0: {name: 'leveler0', role: 'leader', self: true}}});
  t.like(await document('taco-table-show', 'table show --bins'), {
    groups: {0: {name: 'web', nobody: 0, servers: {0: {share: 0.75, configuredShare: 0.75}}}},
  });
  t.like(await document('taco-status', 'status'), {cluster: 'demo', version: '3.7', leader: 'leveler0', engine: null});

  for (const step of ['service remove 10.0.1.200:53/udp', 'service remove [fd00:b::200]:443']) {
    t.like(await document('taco-change', step), {applied: ['leveler0'], missing: ['leveler1']});
  }

  for (const step of ['server remove s1', 'server remove s2', 'group remove web', 'leveler remove leveler1']) {
    t.is((await taco(step)).exit, 0, step);
  }
});

test('the lists for people are tables, and say none where there is none', async t => {
  const {taco} = await open(t);

  for (const noun of ['server', 'service', 'group']) {
    t.is((await taco(`${noun} list`)).stdout, `No ${noun}s.\n`);
  }

  t.regex((await taco('leveler list')).stdout, /^ {2}NAME +ID +ADDRESS/);
  t.is((await taco('table show')).stdout, 'Version 3.1\n\nNo groups.\n');
});

test('what the cluster does not do is refused in one line, and changes nothing', async t => {
  const {taco, document} = await open(t);
  await taco('server add s1 10.0.1.101');
  await taco('group add empty');
  const {version} = await document('taco-status', 'status');

  refused(t, await taco('server add s1 10.0.1.102'), /^taco: there is a server s1 already/);
  refused(t, await taco('server add s2 10.0.1.102 --group web'), /^taco: there is no group web/);
  refused(t, await taco('service add 10.0.1.200:80 --group empty'), /^taco: a service without servers/);
  refused(t, await taco('service remove 10.0.1.200:80'), /^taco: there is no service/);
  refused(t, await taco('table show --group web'), /^taco: there is no group web/);
  refused(t, await taco('leveler remove leveler9'), /^taco: there is no leveler leveler9/);

  t.is((await document('taco-status', 'status')).version, version);
});

test('an address that something else has is refused with the reason, and where there is a doubt force decides', async t => {
  const {taco, document} = await open(t);
  await taco('server add s1 10.0.1.101');
  const {version} = await document('taco-status', 'status');

  refused(t, await taco('server add s9 10.0.1.1'), /^taco: 10\.0\.1\.1 is the own address of leveler leveler0\n/);
  refused(t, await taco('server add s9 10.0.1.255 --force'), /broadcast .*, and --force does not change that\n/);
  refused(t, await taco('service add 10.0.1.2:22'), /^taco: 10\.0\.1\.2 is the own address of leveler leveler1\n/);
  refused(t, await taco('service add 10.0.0.200:80'), /is a LevIP\n.*the same with --force\n$/);
  refused(t, await taco('server add s9 10.0.2.9'), /is outside net B \(10\.0\.1\.0\/24\)\n.*the same with --force\n$/);
  refused(t, await taco('adm -S 10.0.0.200'), /^taco: 10\.0\.0\.200 is a LevIP\n/);
  refused(t, await taco('leveler add leveler9 10.0.1.255'), /is the broadcast address of net B/);
  t.is((await document('taco-status', 'status')).version, version);

  refused(t, await taco('server add s8 10.0.1.150'), /does not answer ARP on net B .*\n.*the same with --force\n$/);
  t.is((await taco('server add s9 10.0.2.9 --force')).exit, 0);
  t.is((await taco('server add s8 10.0.1.150 --force')).exit, 0);
  t.is((await taco('service add 10.0.0.200:80 --force')).exit, 0);
});

test('a leveler is drained from any other, not without a successor, and its data path only where it is typed', async t => {
  const {leveler, taco, document} = await open(t);
  await leveler.startForwarder();

  refused(t, await taco('leveler drain leveler0'), /^taco: no other leveler could take over/);
  refused(t, await taco('leveler drain leveler9'), /^taco: there is no leveler leveler9/);
  refused(t, await taco('leveler drain leveler1 --uninstall'), /^taco: this is leveler leveler0: the data path of/);
  t.is(
    (await taco('leveler drain leveler1')).stdout,
    'leveler leveler1 leaves: it leads no more, and holds no shared address\nto bring it back: taco leveler undrain leveler1\n',
  );
  t.deepEqual(await document('taco-leveler-drain', 'leveler drain leveler0 --uninstall --force'), {
    leveler: 'leveler0',
    holds: [],
    uninstalled: {engine: 'xdp', interface: 'eth0'},
  });
  t.deepEqual(await document('taco-leveler-undrain', 'leveler undrain'), {leveler: 'leveler0'});
});

test('a script must name what it drains, or say that it means the leveler it runs on', async t => {
  const {taco} = await open(t);

  const {exit, stderr} = await taco('leveler drain --force');

  t.is(exit, 1);
  t.is(
    stderr,
    'taco: this would drain leveler0, the leveler that this is typed on\n  if that is meant: --yes; or name it: taco leveler drain leveler0\n',
  );
  t.is((await taco('leveler drain --force --yes')).exit, 0);
});

test('a live leveler is not removed by mistake; a removed one is let in again; a new one is announced', async t => {
  const {taco, document} = await open(t);

  refused(
    t,
    await taco('leveler remove leveler0'),
    /^taco: leveler leveler0 is live, and the one that this is typed on/,
  );
  t.is((await taco('leveler remove leveler1')).exit, 0);
  t.like(await document('taco-leveler-list', 'leveler list'), {
    outsiders: {0: {id: 2, name: 'leveler1', removed: true}},
  });
  t.regex((await taco('leveler list')).stdout, /^ {2}leveler1 \(2\) was removed; .*taco leveler add leveler1$/m);
  t.regex((await taco('leveler add leveler1')).stdout, /^leveler leveler1 \(2\) may join again$/m);

  refused(t, await taco('leveler add leveler3'), /^taco: leveler leveler3 was never heard of/);
  t.is((await taco('leveler add leveler3 192.0.2.7')).exit, 2);
  const added = await taco('leveler add leveler3 10.0.1.4');
  t.regex(added.stdout, /^leveler leveler3 is announced as 4$/m);
  t.regex(added.stdout, /cluster.*|key file/);
  t.regex((await taco('status')).stdout, /^! leveler leveler3 is announced and has not joined$/m);
  t.regex((await taco('leveler remove leveler3')).stdout, /^leveler leveler3 is announced no more$/m);
});

test('a change for another version than the one in force is refused, and names that', async t => {
  const {taco} = await open(t);

  t.is((await taco('group add web --if-version 3.1')).exit, 0);
  refused(t, await taco('group add mail --if-version 3.1'), /^taco: version 3\.2 is in force, not 3\.1$/m);
  t.is((await taco('group add mail --if-version three')).exit, 2);
  for (const words of ['server remove s1', 'server weight s1 1', 'service remove 10.0.1.200', 'group remove web']) {
    refused(t, await taco(`${words} --if-version 1.1`), /^taco: version 3\.2 is in force, not 1\.1$/m);
  }
});

test('verify says what does not hold, and exits 1', async t => {
  const {taco, document} = await open(t);

  const {exit, stdout} = await taco('verify --wait 0');

  t.is(exit, 1);
  t.regex(stdout, /^FAIL {2}reachable {2}1 of 2 levelers; not heard: leveler1$/m);
  t.like(await document('taco-verify', 'verify --wait 0'), {ok: false});
});

test('a refusal is a document too', async t => {
  const {taco} = await open(t);

  const {exit, stdout} = await taco('server remove s9 --json');

  t.is(exit, 1);
  t.like(schemas['taco-error'].parse(JSON.parse(stdout)), {error: {exit: 1, what: 'there is no server s9'}});
});

test('the letters of the original do what they did', async t => {
  const {taco} = await open(t);

  t.regex((await taco('adm -S 10.0.1.101')).stdout, /^server s-10\.0\.1\.101 \(10\.0\.1\.101\) added/m);
  t.regex((await taco('adm -D 10.0.1.102')).stdout, /^server s-10\.0\.1\.102 \(10\.0\.1\.102\) added/m);
  t.is((await taco('adm -V 10.0.1.200 80')).exit, 0);
  t.regex(
    (await taco('adm')).stdout,
    /^TacoPleX \(Version 0\.1\)\nUsing 65536 bins\.\nI am the leader\.\nLeveler: 10\.0\.1\.1 \d{10}\nLeveler: 10\.0\.1\.2 \d{10}\nServer: 10\.0\.1\.101 0\nServer: 10\.0\.1\.102 0\nVirtual: 10\.0\.1\.200:80 0\n$/,
  );
  t.is((await taco('adm -v 10.0.1.200 80')).exit, 0);
  t.is((await taco('adm -s 10.0.1.101')).exit, 0);
  t.is((await taco('adm -d 10.0.1.102')).exit, 0);
  refused(t, await taco('adm -d 10.0.1.102'), /^taco: there is no server 10\.0\.1\.102/);
  refused(t, await taco('adm -L 10.0.1.3'), /^taco: levelers are not added by hand/);
  refused(t, await taco('adm -l 10.0.1.9'), /^taco: no leveler was heard from 10\.0\.1\.9/);
  t.is((await taco('adm -l 10.0.1.2')).exit, 0);
});

test('a broker without an elector tells what it knows, and refuses changes at once', async t => {
  const {taco, document} = await open(t, {elector: false});

  t.like(await document('taco-status', 'status'), {cluster: null, levelers: [], version: null});
  refused(t, await taco('group add web'), /^taco: the elector of this leveler is silent/);
  refused(t, await taco('table show'), /^taco: this leveler has no cluster state yet/);
  t.is((await taco('status')).exit, 0);
});

test('where no broker runs, taco says so', async t => {
  const {taco, document} = await open(t, {broker: false});

  refused(t, await taco('status'), /^taco: no admin-broker is running here/);
  refused(t, await taco('server add s1 10.0.1.101'), /^taco: no admin-broker is running here/);
  t.like(await document('taco-error', 'status'), {error: {exit: 1}});
  t.like(await taco('version'), {exit: 1, stdout: 'taco 0.1.0\n'});
});

test('one taco follows the status over a broker that goes and comes back, a document on each line', async t => {
  const {leveler} = await open(t);
  const taco = startTaco(['status', '--watch', '--every', '100ms', '--json'], {TACOPLEX_SOCKET: leveler.runFolder});
  t.teardown(() => taco.kill('SIGKILL'));
  taco.stderr.resume();
  const lines = createInterface({input: taco.stdout})[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null');

  t.is(schemas['taco-status'].parse(await next()).version, '3.1');
  t.is(schemas['taco-status'].parse(await next()).version, '3.1');

  await leveler.stopBroker();
  const told: string[] = [];
  for (let line = await next(); schemas['taco-status'].safeParse(line).success === false || told.length === 0; ) {
    const {error} = schemas['taco-error'].safeParse(line).data ?? {};
    if (error !== undefined) {
      told.push(error.what);
      if (told.length === 1) {
        await leveler.startBroker();
      }
    }

    line = await next();
  }
  t.is(new Set(told).size, told.length, 'each reason is told once');
  t.regex(told.at(-1) ?? '', /no admin-broker is running here|gave no answer/);

  taco.kill('SIGTERM');
  t.deepEqual(await once(taco, 'close'), [0, null]);
});

test('a watch ends well when nobody reads it any more, and is plain text where no terminal is', async t => {
  const {leveler} = await open(t);
  const taco = startTaco(['status', '-w', '--every', '100ms'], {TACOPLEX_SOCKET: leveler.runFolder});
  let text = '';
  for await (const part of taco.stdout) {
    text += String(part);
    if (/\n\n(.*\nCluster.*)\n[\s\S]*\n\n\1\n/.test(`\n\n${text}`)) {
      break; // Which closes the pipe
    }
  }

  t.false(text.includes('\u001B'));
  t.deepEqual(await once(taco, 'close'), [0, null]);
});

test('a socket that a dead broker left behind is none', async t => {
  const {leveler, taco} = await open(t, {broker: false});
  const socket = join(leveler.runFolder, 'admin-broker.sock');
  const server = createServer().listen(socket);
  await new Promise(resolve => server.once('listening', resolve));
  const link = join(leveler.folder, 'kept.sock');
  symlinkSync(socket, link);
  await new Promise(resolve => server.close(resolve));
  writeFileSync(socket, '');

  refused(t, await taco('status'), /^taco: no admin-broker is running here/);
  refused(t, await taco(`--socket ${link} status`), /^taco: no admin-broker is running here/);
  refused(t, await taco('--socket /nowhere/else.sock status'), /nobody listens on \/nowhere\/else\.sock/);
});

test('whoever listens but does not answer is not waited for', async t => {
  const {leveler, taco} = await open(t, {broker: false});
  const server = createServer().listen(join(leveler.runFolder, 'admin-broker.sock'));
  await new Promise(resolve => server.once('listening', resolve));
  t.teardown(() => server.close());
  server.on('connection', connection => connection.unref());

  refused(t, await taco('status'), /^taco: admin-broker gave no answer within 2 s/);
});

test('a socket of something else is not mistaken for a broker', async t => {
  const {leveler, taco} = await open(t, {broker: false});
  const socket = join(leveler.runFolder, 'elector.sock');
  const server = createServer().listen(socket);
  await new Promise(resolve => server.once('listening', resolve));
  t.teardown(() => server.close());

  t.like(await taco(`--socket ${socket} status`), {
    exit: 2,
    stderr: `taco: ${socket} is no socket of an admin-broker\n  its name is admin-broker.sock\n`,
  });
});

const misunderstood = [
  'frobnicate',
  'server',
  'server add',
  'server add s1',
  'server add s1 10.0.1',
  'server add s1 10.0.1.101 extra',
  'server add s1 10.0.1.101 --weight heavy',
  'server add s1 10.0.1.101 --colour red',
  'service add 10.0.1.200:80/any',
  'status --watch --every 50ms',
  'status --watch --every often',
  'status --every 1s',
  'ser a',
  'logs',
  'logs cron',
  'logs elector -n many',
  'adm -X',
  '-f /nowhere/taco.toml status',
];

test('what is not understood exits 2, says what would be, and touches nothing', async t => {
  const {taco} = await open(t, {broker: false});

  for (const words of misunderstood) {
    const {exit, stdout, stderr} = await taco(words);
    t.is(exit, 2, words);
    t.is(stdout, '', words);
    t.true(stderr.length > 20, words);
  }

  t.regex((await taco('logs cron')).stderr, /elector, frame-forwarder, arp-announcer, admin-broker/);
});

test('help is printed for taco, for each noun and each verb, with examples', async t => {
  const {taco} = await open(t, {broker: false});

  t.regex((await taco('help')).stdout, /Exit status: 0 done, 1 refused or unreachable, 2 not understood\./);
  t.regex((await taco('help server')).stdout, /add \[options\] <name> <address>/);
  t.regex((await taco('help server add')).stdout, /Examples:\n {2}taco server add s1 10\.0\.1\.101\n/);
  t.regex((await taco('adm --help')).stdout, /taco adm -V 10\.0\.1\.200 80/);
  t.is((await taco('--version')).stdout, 'taco 0.1.0\n');
});

test('the versions of taco and of the broker are told', async t => {
  const {taco, document} = await open(t, {elector: false});

  t.is((await taco('version')).stdout, 'taco 0.1.0\nadmin-broker 0.1.0\n');
  t.deepEqual(await document('taco-version', 'version'), {taco: '0.1.0', broker: '0.1.0'});
});

test('the log of a process is read from where the config file says', async t => {
  const {leveler} = await open(t, {broker: false});
  writeFileSync(join(leveler.folder, 'log/elector.log'), 'one\ntwo\tand\u001B[2J\nthree\n');
  const taco = async (words: string) => runTaco(['-f', leveler.configFile, ...words.split(' ')], {});

  t.is((await taco('logs elector')).stdout, 'one\ntwo\tand\\u{1b}[2J\nthree\n');
  t.is((await taco('logs el -n 1')).stdout, 'three\n');
  const [line] = (await taco('logs elector -n 1 --json')).stdout.trimEnd().split('\n');
  t.deepEqual(schemas['taco-log-line'].parse(JSON.parse(line!)), {process: 'elector', line: 'three'});
});

test('without a file the journal is asked, and if that has nothing either taco says so', async t => {
  const {leveler} = await open(t, {broker: false});
  const bin = join(leveler.folder, 'bin');
  mkdirSync(bin);
  const journalctl = join(bin, 'journalctl');
  const taco = async () =>
    runTaco(['-f', leveler.configFile, 'logs', 'elector', '-n', '3'], {PATH: `${bin}:/usr/bin:/bin`});

  writeFileSync(journalctl, '#!/bin/sh\necho "$@"\n', {mode: 0o755});
  t.is((await taco()).stdout, '-u tacoplex-elector -n 3 --no-pager -q\n');

  writeFileSync(journalctl, '#!/bin/sh\nexit 1\n', {mode: 0o755});
  refused(t, await taco(), /^taco: elector has no log/);
});

test('bash completes nouns and verbs', async t => {
  const {taco} = await open(t, {broker: false});

  const {stdout} = await taco('completion bash');

  t.regex(stdout, /server\) words='list add remove weight' ;;/);
  t.regex(stdout, /complete -o default -F _taco taco\n$/);
  const complete = (words: string, at: number): string =>
    execFileSync('bash', ['-c', `${stdout}\nCOMP_WORDS=(${words}); COMP_CWORD=${at}; _taco; echo "\${COMPREPLY[*]}"`], {
      encoding: 'utf8',
    });
  t.is(complete('taco ver', 1), 'verify version\n');
  t.is(complete('taco leveler un', 2), 'undrain\n');
  t.is(complete('taco leveler drain --', 3), '--uninstall --force --yes --json --help\n');
  t.is(complete('taco verify --w', 2), '--wait\n');
  t.is(complete('taco status --', 2), '--watch --every --json --help\n');
});
