import {toHex} from '@tacoplex/vocabulary';
import {limitFile} from '@tacoplex/xdp-engine';
import test, {type ExecutionContext} from 'ava';
import {clientMac, ForwarderStage, levelerMacA, levelerMacB, serverMacs} from './forwarder-stage.ts';
import {udpFrame} from './frames.ts';
import {addServer, addService, serviceAddress, stateOf} from './stage-states.ts';

const onNamespaces = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root

const bothServers = stateOf([addServer(0), addServer(1), addService(serviceAddress)]);

const frameFrom = (sourcePort: number, destinationPort = 5000): Uint8Array =>
  udpFrame({
    destinationMac: levelerMacA,
    sourceMac: clientMac,
    source: '10.0.0.1',
    destination: serviceAddress,
    sourcePort,
    destinationPort,
  });

let stages = 0;
const createStage = async (t: ExecutionContext): Promise<ForwarderStage> => {
  const stage = new ForwarderStage(`tpf${process.pid % 100_000}${String.fromCharCode(97 + stages++)}`);
  t.teardown(async () => stage.destroy());
  stage.build();
  await stage.openBuses();
  stage.allow(true);
  stage.sayState(bothServers);
  return stage;
};

onNamespaces('frames reach a server byte for byte but for the MAC addresses, once, and no ICMP answers', async t => {
  const stage = await createStage(t);
  const heard = [await stage.listen('server0', 'udp'), await stage.listen('server1', 'udp')] as const;
  const icmp = await stage.listen('client', 'icmp');
  stage.ip('leveler', 'neighbour', 'add', serviceAddress, 'lladdr', serverMacs[0], 'dev', 'eth1'); // Tempts the kernel
  stage.startForwarder();
  await stage.untilForwarding();
  const frames = Array.from({length: 200}, (_, index) => frameFrom(1000 + index));

  await stage.send(frames);
  await stage.until('all frames', () => heard[0].length + heard[1].length >= frames.length);
  t.is(stage.forwardedByKernel(), 0);
  await stage.send([frameFrom(999, 5001)]); // Nobody's port: the kernel's own business
  await stage.until('the frame of the kernel', () => heard[0].length + heard[1].length > frames.length);
  t.is(stage.forwardedByKernel(), 1);
  await stage.until('counted', () => (stage.status?.servers.reduce((sum, {packets}) => sum + packets, 0) ?? 0) === 200);

  const sent = frames.map(frame => toHex(frame.subarray(12))).sort();
  const toService = heard.map(list => list.filter(frame => frame.slice(72, 76) === '1388')); // Port 5000
  t.deepEqual(toService.flatMap(list => list.map(frame => frame.slice(24))).sort(), sent);
  for (const [number, mac] of serverMacs.entries()) {
    const addresses = `${mac}${levelerMacB}`.replaceAll(':', '');
    t.true(toService[number]!.length > 50);
    t.true(toService[number]!.every(frame => frame.startsWith(addresses)));
  }

  t.deepEqual(icmp, []);
  t.deepEqual(
    stage.status?.servers.map(({packets, bytes}) => [packets, bytes]),
    toService.map(({length}) => [length, 100 * length]),
  );
  t.deepEqual(
    stage.status?.services.map(({packets, bytes}) => [packets, bytes]),
    [[200, 20_000]],
  );
});

onNamespaces('a link that goes down and comes back is whole again, and says so meanwhile', async t => {
  const stage = await createStage(t);
  const heard = [await stage.listen('server0', 'udp'), await stage.listen('server1', 'udp')] as const;
  stage.startForwarder();
  await stage.untilForwarding();
  let expected = 0;

  for (const [name, net] of [
    ['eth0', 'net A'],
    ['eth1', 'net B'],
  ] as const) {
    stage.ip('leveler', 'link', 'set', name, 'down');
    await stage.until('halted', () => stage.status?.haltedBecause === `${net}: ${name} is down`);
    stage.ip('leveler', 'link', 'set', name, 'up');
    await stage.untilForwarding();
    await stage.send([frameFrom(2000 + expected)]);
    expected++;
    await stage.until('the frame', () => heard[0].length + heard[1].length >= expected);
  }

  t.is(heard[0].length + heard[1].length, 2);
  t.is(stage.lines.filter(line => line.includes('notice: started')).length, 1);
});

onNamespaces('an interface that is deleted and made again is taken up again', async t => {
  const stage = await createStage(t);
  const heard = [await stage.listen('server0', 'udp'), await stage.listen('server1', 'udp')] as const;
  stage.startForwarder();
  await stage.untilForwarding();

  stage.ip('leveler', 'link', 'del', 'eth1');
  await stage.until('halted', () => stage.status?.haltedBecause === 'net B: eth1 is down');
  stage.plugLevelerAgain();
  await stage.untilForwarding();
  await stage.send([frameFrom(3000)]);
  await stage.until('the frame', () => heard[0].length + heard[1].length >= 1);

  t.is(heard[0].length + heard[1].length, 1);
});

onNamespaces(
  'a leveler whose elector forbids it, or stalls, forwards nothing, and goes on with the next word',
  async t => {
    const stage = await createStage(t);
    const heard = [await stage.listen('server0', 'udp'), await stage.listen('server1', 'udp')] as const;
    stage.startForwarder();
    await stage.untilForwarding();
    const fenced = (): number => stage.status?.reasons.find(({name}) => name === 'fenced')?.value ?? 0;

    stage.allow(false);
    await stage.until('halted', () => stage.status?.haltedBecause.startsWith('the lease is over') === true);
    await stage.send([frameFrom(4000)]);
    await stage.until('counted', () => fenced() === 1);
    stage.allow(true);
    await stage.untilForwarding();
    stage.stall();
    await stage.until('halted', () => stage.status?.haltedBecause.startsWith('the lease is over') === true);
    await stage.send([frameFrom(4001)]);
    await stage.until('counted', () => fenced() === 2);
    stage.allow(true);
    await stage.untilForwarding();
    await stage.send([frameFrom(4002)]);
    await stage.until('the frame', () => heard[0].length + heard[1].length >= 1);

    t.is(heard[0].length + heard[1].length, 1);
  },
);

onNamespaces('a server that gets another MAC address is followed at once', async t => {
  const stage = await createStage(t);
  stage.sayState(stateOf([addServer(0), addService(serviceAddress)]));
  const heard = await stage.listen('server0', 'udp');
  stage.startForwarder();
  await stage.untilForwarding();
  const another = '02:00:00:00:0b:99';

  stage.ip('server0', 'link', 'set', 'eth0', 'address', another);
  stage.run('server0', 'ping', '-c', '1', '-W', '1', '10.0.1.1');
  await stage.until(
    'learnt',
    () => toHex(stage.status?.servers[0]?.mac ?? new Uint8Array()) === another.replaceAll(':', ''),
  );
  await stage.send([frameFrom(5000)]);
  await stage.until('the frame', () => heard.length >= 1);

  t.true(heard[0]?.startsWith(another.replaceAll(':', '')));
});

onNamespaces('a stopped forwarder leaves no rules; a killed one leaves them, and its successor takes over', async t => {
  const stage = await createStage(t);
  const heard = [await stage.listen('server0', 'udp'), await stage.listen('server1', 'udp')] as const;
  const tables = (): string => stage.run('leveler', '/usr/sbin/nft', 'list', 'tables');
  stage.startForwarder();
  await stage.untilForwarding();
  t.is(tables(), 'table netdev tacoplex\n');

  await stage.stopForwarder('SIGKILL');
  t.is(tables(), 'table netdev tacoplex\n');
  stage.status = undefined;
  stage.startForwarder();
  await stage.untilForwarding();
  await stage.send([frameFrom(6000)]);
  await stage.until('the frame', () => heard[0].length + heard[1].length >= 1);

  t.is(await stage.stopForwarder('SIGTERM'), 0);
  t.is(tables(), '');
});

onNamespaces('a forwarder that starts while a link is down waits for it', async t => {
  const stage = await createStage(t);
  stage.ip('leveler', 'link', 'set', 'eth1', 'down');
  stage.startForwarder();

  await stage.until('waiting', () => stage.status?.haltedBecause === 'net B: eth1 is down');
  stage.ip('leveler', 'link', 'set', 'eth1', 'up');
  await stage.untilForwarding();

  t.true(stage.lines.some(line => line.endsWith('warn: waiting for the link interface=eth1')));
});

onNamespaces('both nets on one interface work', async t => {
  const stage = await createStage(t);
  stage.ip('leveler', 'address', 'add', '10.0.0.102/24', 'dev', 'eth1');
  stage.ip('leveler', 'link', 'del', 'eth0');
  const filter = `udp and ether src ${levelerMacB}`;
  const heard = [await stage.listen('server0', filter), await stage.listen('server1', filter)] as const;
  stage.startForwarder();
  await stage.untilForwarding();
  const frame = frameFrom(7000);
  frame.set(Buffer.from(levelerMacB.replaceAll(':', ''), 'hex'), 0);

  await stage.send([frame], 'server0');
  await stage.until('the frame', () => heard[0].length + heard[1].length >= 1);

  t.is(heard[0].length + heard[1].length, 1);
});

for (const {title, changes, prepare, line} of [
  {
    title: 'a net B that carries less than net A is refused in one line',
    changes: {},
    prepare: (stage: ForwarderStage): void => stage.ip('leveler', 'link', 'set', 'eth1', 'mtu', '1400'),
    line: /fatal: cannot go on code=NET_UNMATCHED reason="net_b: eth1 carries 1400 bytes, eth0 on net_a brings 1500/,
  },
] as const) {
  onNamespaces(title, async t => {
    const stage = await createStage(t);
    prepare(stage);

    t.is(await stage.exitCode(stage.startForwarder(changes)), 2);
    t.is(stage.lines.length, 1);
    t.regex(stage.lines[0] ?? '', line);
  });
}

onNamespaces('a second forwarder is refused before it touches anything', async t => {
  const stage = await createStage(t);
  stage.startForwarder();
  await stage.untilForwarding();

  t.is(await stage.exitCode(stage.startForwarder()), 1);
  t.regex(stage.lines.at(-1) ?? '', /fatal: cannot go on code=ALREADY_RUNNING/);
  t.is(stage.run('leveler', '/usr/sbin/nft', 'list', 'tables'), 'table netdev tacoplex\n');
});

onNamespaces('the program is attached anew when the interface of net A is deleted and made again', async t => {
  const stage = await createStage(t);
  const heard = [await stage.listen('server0', 'udp'), await stage.listen('server1', 'udp')] as const;
  stage.startForwarder({engine: 'xdp'});
  await stage.untilForwarding();

  stage.ip('leveler', 'link', 'del', 'eth0');
  await stage.until('halted', () => stage.status?.haltedBecause === 'net A: eth0 is down');
  stage.plugNetAAgain();
  await stage.untilForwarding();
  await stage.send([frameFrom(8000)]);
  await stage.until('the frame', () => heard[0].length + heard[1].length >= 1);

  t.is(heard[0].length + heard[1].length, 1);
  t.is(stage.lines.filter(line => line.includes('notice: started')).length, 1);
});

const occupy = (stage: ForwarderStage): string =>
  stage.run('leveler', 'ip', 'link', 'set', 'dev', 'eth0', 'xdp', 'obj', limitFile, 'sec', 'xdp');

onNamespaces("beside somebody else's program an engine that was asked for is refused in one line", async t => {
  const stage = await createStage(t);
  occupy(stage);

  t.is(await stage.exitCode(stage.startForwarder({engine: 'xdp'})), 1);
  t.deepEqual(
    stage.lines.map(
      line => / fatal: cannot go on code=(\w+) reason="eth0: another XDP program is attached/.exec(line)?.[1],
    ),
    ['INTERFACE_UNUSABLE'],
  );
  t.true(stage.run('leveler', 'ip', 'link', 'show', 'eth0').includes('prog/xdp'));
});

onNamespaces("beside somebody else's program the cap engine runs if the choice is ours, and says why once", async t => {
  const stage = await createStage(t);
  occupy(stage);
  stage.startForwarder({engine: 'auto'});
  await stage.untilForwarding();

  t.is(stage.status?.engine, 'cap');
  t.regex(stage.status?.engineReason ?? '', /^auto: no xdp: eth0: another XDP program is attached/);
  t.is(stage.lines.filter(line => line.includes('notice: xdp engine cannot run, the cap engine does')).length, 1);
});

onNamespaces("somebody else's program on an interface that is made again ends the forwarder with one line", async t => {
  const stage = await createStage(t);
  const forwarder = stage.startForwarder({engine: 'xdp'});
  await stage.untilForwarding();
  const exit = stage.exitCode(forwarder);

  stage.ip('leveler', 'link', 'del', 'eth0');
  await stage.until('halted', () => stage.status?.haltedBecause === 'net A: eth0 is down');
  stage.plugNetAAgain(() => occupy(stage));

  t.is(await exit, 1);
  t.regex(stage.lines.at(-1) ?? '', / fatal: cannot go on code=INTERFACE_UNUSABLE reason="eth0: another XDP program/);
});
