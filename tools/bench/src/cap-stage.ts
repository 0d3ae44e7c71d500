import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Bus, openBus} from '@tacoplex/bus';
import {type ClusterState, carryOut, encodeState, firstState, type Operation} from '@tacoplex/cluster';
import {createLog} from '@tacoplex/log';
import type {Incoming} from '@tacoplex/messages';
import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';
import {servicePort as casePort, serviceAddresses} from './datapath-frames.ts';

const forwarderMain = new URL('../../../../packages/frame-forwarder/dist/bundle/main.js', import.meta.url).pathname;
const generatorMain = new URL('./cap-generator.js', import.meta.url).pathname;
const forwarderMac = '02:00:00:00:0a:65';
const serviceAddress = '10.0.1.200' as IpAddress;
const servicePort = 5000;
const serverAddresses = ['10.0.1.101', '10.0.1.102', '10.0.1.103', '10.0.1.104'] as IpAddress[];
const services = [
  {address: serviceAddress, protocol: 17, port: servicePort},
  ...Object.values(serviceAddresses).flatMap(address => [6, 17].map(protocol => ({address, protocol, port: casePort}))),
];
const startLimitMs = 15_000;

type Host = 'gen' | 'fwd' | 'sink';
const hosts: readonly Host[] = ['gen', 'fwd', 'sink'];

/** What the generator says of one run. */
export type Sent = {readonly sent: number; readonly failed: number; readonly tookMs: number};

/** Three namespaces in a row, the real frame-forwarder in the middle one, and the bench in its elector's place. */
export class CapStage {
  readonly #prefix = `tpb${process.pid}`;
  readonly #made: Host[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'tpbench'));
  #forwarder: ChildProcess | undefined;
  #elector: Bus<'elector'> | undefined;
  #broker: Bus<'admin-broker'> | undefined;
  #saying: NodeJS.Timeout | undefined;
  #status: Incoming<'forwarder.status'> | undefined;

  /** @throws Error if a command of the set-up fails, or the forwarder does not forward within 15 s */
  async build(): Promise<void> {
    for (const host of hosts) {
      execFileSync('ip', ['netns', 'add', this.#prefix + host]);
      this.#made.push(host);
      this.#inside(host, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
    }

    this.#wire('gen', 'fwd', 'eth0');
    this.#wire('sink', 'fwd', 'eth1');
    this.#ip('fwd', 'link', 'set', 'eth0', 'address', forwarderMac);
    for (const [host, name, address] of [
      ['fwd', 'eth0', '10.0.0.101'],
      ['fwd', 'eth1', '10.0.1.1'],
      ...serverAddresses.map(server => ['sink', 'eth0', server] as const),
    ] as const) {
      this.#ip(host, 'address', 'add', `${address}/24`, 'dev', name);
    }

    for (const [host, name] of [
      ['gen', 'eth0'],
      ['fwd', 'eth0'],
      ['fwd', 'eth1'],
      ['sink', 'eth0'],
    ] as const) {
      this.#ip(host, 'link', 'set', name, 'up');
    }

    this.#countAtSink();
    await this.#startForwarder();
  }

  /**
   * Offer frames at a steady rate. Resolves when the last one is sent and the forwarder has had time for it.
   *
   * @param caseName of the datapath bench, whose frames are sent; else UDP over IPv4
   */
  async offer(packetsPerSecond: number, seconds: number, caseName = ''): Promise<Sent> {
    const words = ['eth0', forwarderMac, serviceAddress, servicePort, packetsPerSecond, seconds, caseName].map(String);
    const child = spawn('nsenter', [this.#netOf('gen'), process.execPath, generatorMain, ...words], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) {
      throw new Error(`the generator ended with ${code}`);
    }

    await this.#settle();
    return JSON.parse(said) as Sent;
  }

  /** How many servers share the frames. */
  get serverCount(): number {
    return serverAddresses.length;
  }

  /** Frames that have arrived behind the forwarder since `build`, as the kernel there counts them. */
  countDelivered(): number {
    const text = this.#inside('sink', '/usr/sbin/nft', 'list', 'counter', 'netdev', 'sink', 'delivered');
    return Number(/packets (\d+)/.exec(text)?.[1]);
  }

  /** How long the forwarder has been on a processor since it started, user and system, ms. */
  readForwarderCpuMs(): number {
    const fields = readFileSync(`/proc/${this.#forwarder?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10; // Ticks of 1/100 s
  }

  /** Every way out but to a server, as the forwarder counts them. */
  get reasons(): Readonly<Record<string, number>> {
    return Object.fromEntries((this.#status?.reasons ?? []).map(({name, value}) => [name, value]));
  }

  async destroy(): Promise<void> {
    clearInterval(this.#saying);
    if (this.#forwarder?.exitCode === null) {
      const exit = once(this.#forwarder, 'exit');
      this.#forwarder.kill('SIGTERM');
      await exit;
    }

    await Promise.all([this.#elector?.close(), this.#broker?.close()]);
    for (const host of this.#made) {
      execFileSync('ip', ['netns', 'del', this.#prefix + host]);
    }

    rmSync(this.#folder, {recursive: true});
  }

  #netOf(host: Host): string {
    return `--net=/run/netns/${this.#prefix}${host}`;
  }

  #inside(host: Host, ...words: readonly string[]): string {
    return execFileSync('nsenter', [this.#netOf(host), ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  #ip(host: Host, ...words: readonly string[]): void {
    execFileSync('ip', ['-n', this.#prefix + host, ...words], {stdio: ['ignore', 'ignore', 'pipe']});
  }

  #wire(host: Host, forwarder: Host, name: string): void {
    const peer = ['peer', 'name', name, 'netns', this.#prefix + forwarder];
    this.#ip(host, 'link', 'add', 'eth0', 'type', 'veth', ...peer);
  }

  /** What arrives is counted and dropped at once: the sink must not cost more than it has to. */
  #countAtSink(): void {
    const ruleset = `table netdev sink {
  counter delivered {}
  chain arrivals {
    type filter hook ingress device "eth0" priority 0; policy accept;
    meta l4proto { tcp, udp } th dport { ${servicePort}, ${casePort} } counter name delivered drop
  }
}
`;
    execFileSync('nsenter', [this.#netOf('sink'), '/usr/sbin/nft', '-f', '-'], {input: ruleset});
  }

  async #startForwarder(): Promise<void> {
    const file = join(this.#folder, 'taco.toml');
    writeFileSync(file, configOf(this.#folder));
    const log = createLog('bench', 'fatal', () => {});
    const elector = await openBus('elector', this.#folder, log);
    this.#elector = elector;
    elector.hear({'forwarder.applied': () => {}, 'announcer.probed': () => {}, 'announcer.claims': () => {}});
    this.#broker = await openBus('admin-broker', this.#folder, log);
    const say = (): void => {
      const leaseFromMs = Number(process.hrtime.bigint()) / 1e6;
      elector.say('elector.view', {mayForward: true, leaseFromMs, self: 1, role: 3, term: 1, leader: 1});
    };
    this.#saying = setInterval(say, 100);
    elector.say('elector.state', {state: encodeState(benchState()), digest: new Uint8Array(8)});
    let complaints = '';
    const forwarder = spawn('nsenter', [this.#netOf('fwd'), process.execPath, forwarderMain, '-f', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    forwarder.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    this.#forwarder = forwarder;
    await this.#untilStatus(
      ({haltedBecause, servers}) => haltedBecause === '' && servers.every(({mac}) => mac.length > 0),
      () => complaints,
    );
  }

  /** The ring may still hold frames when the generator has ended: wait until nothing arrives any more. */
  async #settle(): Promise<void> {
    for (let [before, rounds] = [-1, 0]; before !== this.countDelivered() && rounds < 50; rounds++) {
      before = this.countDelivered();
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }

  async #untilStatus(holds: (status: Incoming<'forwarder.status'>) => boolean, explain: () => string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error(`the forwarder does not forward:\n${explain()}`));
      }, startLimitMs);
      this.#broker?.hear({
        'elector.state': () => {},
        'elector.view': () => {},
        'announcer.status': () => {},
        'forwarder.status': status => {
          this.#status = status;
          if (holds(status)) {
            clearTimeout(limit);
            resolve();
          }
        },
      });
    });
  }
}

function benchState(): ClusterState {
  const version = {term: 1, leader: 1 as LevelerId, nonce: '0000000000000001', index: 1};
  const empty = firstState({
    cluster: 'bench',
    hashKey: Uint8Array.from({length: 16}, (_, index) => index),
    members: [{id: 1 as LevelerId, name: 'bench'}],
    version,
  });
  const operations: Operation[] = [
    ...serverAddresses.map<Operation>((address, index) => ({
      kind: 'addServer',
      name: `server${index}`,
      address,
      group: '',
      weight: 1,
    })),
    ...services.map<Operation>(service => ({kind: 'addService', ...service, group: '', affinity: 'flow'})),
  ];
  return operations.reduce((state, operation, index) => {
    const result = carryOut(state, {id: index.toString(16).padStart(32, '0'), uid: 0, operation});
    if (result.kind !== 'done') {
      throw new Error(`bench state: ${JSON.stringify(result)}`);
    }

    return result.state;
  }, empty);
}

function configOf(folder: string): string {
  return `[cluster]
name = "bench"
key_file = "${folder}/cluster.key"
[net_a]
subnet = "10.0.0.0/24"
levips = ["10.0.0.200"]
[net_b]
subnet = "10.0.1.0/24"
[engine]
engine = "cap"
cap_ring_mib = 64
[paths]
run = "${folder}"
state = "${folder}"
log = "${folder}"
`;
}
