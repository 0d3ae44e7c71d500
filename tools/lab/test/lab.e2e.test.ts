import {readFileSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {bigPage, configureCluster, createLab, type Lab, listLabs, openLab} from '@tacoplex/lab';
import test, {type ExecutionContext} from 'ava';
import {makeStandIn} from './stand-in.ts';

const onOwnNetwork = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root

const nameLab = (letter: string): string => `t${process.pid}-${letter}`;

const reaches = async (lab: Lab, host: string, address: string): Promise<boolean> =>
  (await lab.exec(host, ['ping', '-c', '1', '-W', '2', address])).code === 0;

const upBare = async (t: ExecutionContext, letter: string, options: Parameters<typeof createLab>[0]): Promise<Lab> => {
  const lab = await createLab({name: nameLab(letter), startLevelers: false, ...options});
  t.teardown(async () => lab.down());
  return lab;
};

for (const layout of ['classic', 'one-way'] as const) {
  onOwnNetwork(`in a ${layout} lab neighbours reach each other on every wire, in both families`, async t => {
    const lab = await upBare(t, 'n', {layout, levelers: 2, servers: 2});

    t.true(await reaches(lab, 'client', '192.0.2.1'));
    t.true(await reaches(lab, 'client', '2001:db8::1'));
    t.true(await reaches(lab, 'router', '10.0.0.102'));
    t.true(await reaches(lab, 'leveler0', 'fd00:b::2'));
    t.true(await reaches(lab, 'server0', '10.0.1.102'));
    t.true(await reaches(lab, 'server1', 'fd00:b::101'));
    if (layout === 'one-way') {
      t.true(await reaches(lab, 'server1', '192.0.2.2'), 'past the levelers');
    }
  });
}

onOwnNetwork('servers show their name and the same big page', async t => {
  const lab = await upBare(t, 's', {levelers: 1, servers: 2});

  t.is((await lab.exec('server0', ['curl', '-s', 'http://10.0.1.102/'])).stdout, 'server1\n');
  t.is((await lab.exec('server0', ['curl', '-s', 'http://[fd00:b::102]/name'])).stdout, 'server1\n');
  const file = join(lab.folder, 'fetched');
  await lab.exec('server1', ['curl', '-s', '-o', file, 'http://10.0.1.101/10m']);
  t.true(readFileSync(file).equals(bigPage()));
});

onOwnNetwork('two labs with the same addresses stand side by side and know nothing of each other', async t => {
  const one = await upBare(t, 'one', {levelers: 1, servers: 1});
  const other = await upBare(t, 'other', {levelers: 1, servers: 2});

  t.false(await reaches(one, 'server0', '10.0.1.102'));
  t.true(await reaches(other, 'server0', '10.0.1.102'));
  await one.down();
  t.true(await reaches(other, 'server0', '10.0.1.102'), 'what is removed is the one and not the other');
});

onOwnNetwork('a name is taken once', async t => {
  const {name} = await upBare(t, 'taken', {levelers: 1, servers: 1});

  await t.throwsAsync(createLab({name, startLevelers: false}), {message: /already; remove it: npm run lab -- down/});
  t.notThrows(() => openLab(name), 'and the first one still stands');
});

onOwnNetwork('a leveler is a host of its own, with files that outlive a power cut and files that do not', async t => {
  const lab = await upBare(t, 'p', {levelers: 2, servers: 1});
  const sh = async (command: string): Promise<string> =>
    (await lab.exec('leveler1', ['sh', '-c', command])).stdout.trim();

  t.is(await sh('hostname; cat /proc/1/comm; ls /sys/class/net | xargs'), 'leveler1\nsleep\na0 b0 lo');
  t.is(await sh('stat -c %a /etc/tacoplex/cluster.key; wc -c </etc/tacoplex/cluster.key'), '600\n65');
  await sh('touch /run/tacoplex/x /var/lib/tacoplex/x; sleep 1000 >/dev/null 2>&1 & nft add table ip x');
  await lab.powerOff('leveler1');

  t.false(lab.isOn('leveler1'));
  t.throws(() => lab.nsenterArgv('leveler1'), {message: /switched off/});
  t.false(await reaches(lab, 'leveler0', '10.0.1.2'));
  await lab.powerOn('leveler1');

  t.true(await reaches(lab, 'leveler0', 'fd00:b::2'));
  t.is(
    await sh('ls /run/tacoplex /var/lib/tacoplex; nft list ruleset; ip route show default'),
    ['/run/tacoplex:', '', '/var/lib/tacoplex:', 'x', 'default via 10.0.0.1 dev a0'].join('\n'),
  );
  t.throws(() => statSync('/var/lib/tacoplex/x'), {code: 'ENOENT'});
});

onOwnNetwork('a server that dies, one whose cable is pulled and one that is added', async t => {
  const lab = await upBare(t, 'd', {levelers: 1, servers: 2});
  const ask = async (address: string): Promise<number> =>
    (await lab.exec('leveler0', ['curl', '-s', '-m', '1', '-o', '/dev/null', `http://${address}/`])).code;

  await lab.stopServer('server0');
  t.is(await ask('10.0.1.101'), 7, 'refused');
  await lab.startServer('server0');
  t.is(await ask('10.0.1.101'), 0);
  for (const side of ['host', 'wire'] as const) {
    await lab.linkDown('server0', 'b0', side);
    t.is(await ask('10.0.1.101'), 28, 'silent');
    await lab.linkUp('server0', 'b0');
    t.is(await ask('10.0.1.101'), 0);
  }
  const {name, links} = await lab.addServer();
  t.deepEqual([name, links[0]?.ipv4], ['server2', '10.0.1.103']);
  t.is(await ask('10.0.1.103'), 0);
  t.is(openLab(lab.name).servers.length, 3, 'who comes later sees it too');
});

onOwnNetwork('a command that takes too long in a leveler ends there too', async t => {
  const lab = await upBare(t, 'x', {levelers: 1, servers: 1});

  const {code} = await lab.exec('leveler0', ['sh', '-c', 'sleep 999 & sleep 999'], {timeoutMs: 200});

  t.is(code, 137);
  const {stdout} = await lab.exec('leveler0', ['ps', '-e', '-o', 'args']);
  t.notRegex(stdout, /sleep 999/);
});

onOwnNetwork('what passes a wire can be recorded', async t => {
  const lab = await upBare(t, 'c', {levelers: 1, servers: 1});
  const capture = await lab.capture('wire', 'client-front', join(lab.folder, 'capture.pcap'));
  await reaches(lab, 'client', '192.0.2.1');
  await capture.stop();

  const {stdout} = await lab.exec('client', ['tcpdump', '-n', '-r', capture.file, 'icmp[0] == 8']);
  t.regex(stdout, /192\.0\.2\.7 > 192\.0\.2\.1: ICMP echo request/);
});

onOwnNetwork('supervisord runs the processes of a leveler and starts again what is killed', async t => {
  const project = makeStandIn();
  t.teardown(() => rmSync(project, {recursive: true}));
  const lab = await createLab({name: nameLab('v'), levelers: 2, servers: 2, project});
  t.teardown(async () => lab.down());

  const supervised = await lab.supervised('leveler0');
  t.deepEqual(supervised?.map(({name}) => name).sort(), [
    'admin-broker',
    'arp-announcer',
    'elector',
    'frame-forwarder',
  ]);
  const elector = await lab.processPid('leveler0', 'elector');
  const killed = await lab.killProcess('leveler0', 'elector');
  t.true(killed === elector);
  const successor = await lab.waitForSuccessor('leveler0', 'elector', killed);
  await lab.waitForProcesses('leveler0');
  t.is(await lab.processPid('leveler0', 'elector'), successor);
  t.is(readFileSync(lab.logFile('leveler0', 'elector'), 'utf8'), 'started\nstarted\n');
  t.is(readFileSync(lab.logFile('leveler1', 'elector'), 'utf8'), 'started\n');

  const forwarder = await lab.processPid('leveler0', 'frame-forwarder');
  t.regex(
    readFileSync(`/proc/${forwarder ?? 0}/status`, 'utf8'),
    /^CapEff:\t000000c000003000$/m,
    'net_admin and net_raw',
  );

  await configureCluster(lab);
  const asked = readFileSync(lab.logFile('leveler0', 'taco'), 'utf8').trimEnd().split('\n');
  t.is(asked[0], 'leveler0: status --watch --every 200ms --json');
  t.deepEqual(
    asked.filter(words => words !== asked[0]), // A stand-in does not go on watching, and is started again
    [
      'leveler0: server add server0 10.0.1.101',
      'leveler0: server add server1 10.0.1.102',
      'leveler0: service add 10.0.1.200:80/tcp',
      'leveler0: service add [fd00:b::200]:80/tcp',
    ],
  );
});

onOwnNetwork('a lab whose processes do not run is told of and taken away', async t => {
  const project = makeStandIn();
  t.teardown(() => rmSync(project, {recursive: true}));
  rmSync(join(project, 'deploy/supervisord/tacoplex.conf'));
  const name = nameLab('w');

  await t.throwsAsync(createLab({name, levelers: 1, servers: 1, project}), {
    message: /leveler0 went off: Error: .*tacoplex\.conf/,
  });
  t.false(listLabs().includes(name));
});
