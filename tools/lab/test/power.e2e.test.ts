import {type ChildProcess, spawnSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {configureCluster, createLab, type Engine, type Lab, shared, waitFor} from '@tacoplex/lab';
import test from 'ava';

const onOwnNetwork = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root

const nameLab = (letter: string): string => `t${process.pid}-${letter}`;

/** Frames that a capture file of the wire has of some MAC addresses from a time on, wall clock, s. */
const framesOf = (file: string, macs: readonly string[], sinceS: number): string[] => {
  const filter = macs.map(mac => `ether host ${mac}`).join(' or ');
  const {stdout} = spawnSync('tcpdump', ['-n', '-e', '-tt', '-r', file, filter], {encoding: 'utf8'});
  return stdout.split('\n').filter(line => Number(line.split(' ')[0]) > sinceS);
};

/** Requests and echoes without end, over every leveler. */
const load = (lab: Lab): ChildProcess[] => [
  lab.spawn('client', ['ping', '-q', '-i', '0.002', shared.servIp.ipv4], {stdio: 'ignore'}),
  lab.spawn('client', ['sh', '-c', `while :; do curl -s -m 1 -o /dev/null http://${shared.servIp.ipv4}/10m; done`], {
    stdio: 'ignore',
  }),
];

const cgroupsOf = (lab: Lab): string[] => {
  const folder = lab.description.freezer?.folder ?? '';
  return existsSync(folder) ? [folder] : [];
};

for (const engine of ['xdp', 'cap'] as const satisfies readonly Engine[]) {
  onOwnNetwork(
    `from a power cut on not one frame of the host passes, and it is back afterwards: ${engine}`,
    async t => {
      const lab = await createLab({name: nameLab(`p${engine}`), levelers: 2, servers: 1, dwellS: 0, engine});
      t.teardown(async () => lab.down());
      await configureCluster(lab);
      await untilAnswered(lab, 'before');
      const running = load(lab);
      t.teardown(() => {
        for (const child of running) {
          child.kill('SIGKILL');
        }
      });
      const holder = await holderOf(lab);
      const macs = lab.host(holder).links.map(({mac}) => mac);
      const captures = await Promise.all(
        (['net-a', 'net-b'] as const).map(async net => lab.capture('wire', net, join(lab.folder, `${net}.pcap`))),
      );
      await untilAnswered(lab, 'under load');

      const beganS = Date.now() / 1000;
      const cut = lab.powerOff(holder);
      const cutS = (Date.now() + 1) / 1000; // It leaves out the part of a millisecond
      await cut;
      t.false(lab.isOn(holder));
      await t.throwsAsync(lab.exec(holder, ['true']), {message: /switched off/});
      await waitFor(async () => (await holderOf(lab)) !== holder, {what: 'another leveler holds'});
      await untilAnswered(lab, 'after');
      for (const {stop} of captures) {
        await stop();
      }

      for (const {file} of captures) {
        const [before, after] = [framesOf(file, macs, 0), framesOf(file, macs, cutS)];
        t.true(before.length > 20, `${file} has frames of ${holder} from before`);
        // Others send to it until they know better, and a bridge shows that before its port is met.
        const sent = after.filter(line => macs.includes(line.split(' ')[1] ?? ''));
        t.deepEqual(sent, [], `${file}, cut between ${beganS} and ${cutS}`);
      }

      await lab.clearAway(holder);
      t.deepEqual(livingIn(lab, holder), []);
      await lab.powerOn(holder);
      t.true(lab.isOn(holder));
      t.true((await lab.exec('router', ['ping', '-c', '1', '-W', '2', ownAddress(lab, holder)])).code === 0);
      await lab.down();
      t.deepEqual(cgroupsOf(lab), []);
    },
  );
}

onOwnNetwork(
  'a frozen leveler stands still as a whole, threads in real time too, and goes on when it thaws',
  async t => {
    const lab = await createLab({name: nameLab('z'), levelers: 1, servers: 1, startLevelers: false});
    t.teardown(async () => lab.down());
    const spin = 'let n = 0; setInterval(() => { n++; require("fs").writeFileSync("/run/n", String(n)); }, 1);';
    lab.spawn('leveler0', ['chrt', '--fifo', '50', 'node', '-e', spin], {stdio: 'ignore'});
    const count = async (): Promise<number> =>
      Number((await lab.exec('leveler0', ['sh', '-c', 'cat /run/n 2>/dev/null || echo 0'])).stdout);
    const goesOn = async (): Promise<void> => {
      const least = (await count()) + 1;
      await waitFor(async () => (await count()) > least, {what: 'it counts'});
    };
    await goesOn();

    lab.freeze('leveler0');
    await waitFor(() => isStill(lab, 'leveler0'), {what: 'all stand still'});
    const before = await count();
    await lab.exec('leveler0', ['sleep', '0.2']);
    t.is(await count(), before, 'and can be looked into meanwhile');

    lab.thaw('leveler0');
    await goesOn();
  },
);

onOwnNetwork('a server that loses power is silent at once, and a pulled cable passes nothing', async t => {
  const lab = await createLab({name: nameLab('s'), levelers: 1, servers: 2, startLevelers: false});
  t.teardown(async () => lab.down());
  const asks = async (): Promise<number> =>
    (await lab.exec('leveler0', ['curl', '-s', '-m', '1', '-o', '/dev/null', 'http://10.0.1.101/'])).code;
  t.is(await asks(), 0);

  await lab.powerOff('server0');
  t.is(await asks(), 28, 'neither its processes nor its kernel answers');
  await lab.powerOn('server0');
  t.is(await asks(), 0);
  await lab.linkDown('server0', 'b0', 'wire');
  t.is(await asks(), 28);
  t.regex((await lab.exec('server0', ['ip', 'link', 'show', 'b0'])).stdout, /NO-CARRIER/);
  await lab.linkUp('server0', 'b0');
  t.is(await asks(), 0);
  await t.throwsAsync(lab.powerOff('client'), {message: /client is always on/});
  await lab.powerOff('server1');
  await lab.down();
  t.deepEqual(cgroupsOf(lab), []);
});

async function untilAnswered(lab: Lab, when: string): Promise<void> {
  const ping = ['ping', '-c', '1', '-W', '1', shared.servIp.ipv4];
  await waitFor(async () => (await lab.exec('client', ping)).code === 0, {
    what: `the service answers, ${when}`,
  });
}

/** The leveler whose MAC address the router knows for the LevIP. */
async function holderOf(lab: Lab): Promise<string> {
  return waitFor(
    async () => {
      const {stdout} = await lab.exec('router', ['ip', 'neigh', 'show', 'to', '10.0.0.200']);
      return lab.levelers.find(({links}) => stdout.includes(links[0]?.mac ?? '-'))?.name;
    },
    {what: 'the router knows who holds the LevIP'},
  );
}

function ownAddress(lab: Lab, host: string): string {
  return lab.host(host).links[0]?.ipv4 ?? '';
}

function livingIn(lab: Lab, host: string): string[] {
  const {folder = ''} = lab.description.freezer ?? {};
  return readFileSync(join(folder, host, 'cgroup.procs'), 'utf8')
    .split('\n')
    .filter(Boolean);
}

/** Whether none of a host's threads runs or waits for its turn. */
function isStill(lab: Lab, host: string): boolean {
  const tasks = livingIn(lab, host).flatMap(pid => readdirSync(`/proc/${pid}/task`).map(task => `${pid}/task/${task}`));
  const isRunning = (task: string): boolean => /^State:\tR/m.test(readFileSync(`/proc/${task}/status`, 'utf8'));
  const folder = join(lab.description.freezer?.folder ?? '', host);
  const events = existsSync(join(folder, 'cgroup.events')) ? readFileSync(join(folder, 'cgroup.events'), 'utf8') : '';
  return tasks.length > 0 && !tasks.some(isRunning) && !/^frozen 0$/m.test(events);
}
