import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {type Bus, openBus} from '@tacoplex/bus';
import {type ClusterState, encodeState} from '@tacoplex/cluster';
import {createLog} from '@tacoplex/log';
import type {Incoming} from '@tacoplex/messages';
import {familyOf, type IpAddress} from '@tacoplex/vocabulary';
import {serviceAddress, serviceAddress6} from './stage-states.ts';

/** Addresses of the stage: a client on net A, the leveler between, two servers on net B that share the ServIP. */
export const clientMac = '02:00:00:00:0a:01';
export const levelerMacA = '02:00:00:00:0a:65';
export const levelerMacB = '02:00:00:00:0b:01';
export const serverMacs = ['02:00:00:00:0b:65', '02:00:00:00:0b:66'] as const;

type Host = 'client' | 'leveler' | 'switch' | 'server0' | 'server1';
const hosts: readonly Host[] = ['client', 'leveler', 'switch', 'server0', 'server1'];

const captureModule = import.meta.resolve('@tacoplex/capture');
const refusingKernel = new URL('./refusing-kernel.js', import.meta.url).href;
const forwarderMain = new URL('../src/main.js', import.meta.url).pathname;

/** Runs a command with a BPF file system of its own: what is pinned there goes with it. */
const withBpffs = ['unshare', '--mount', 'sh', '-c', 'mount -t bpf bpf /sys/fs/bpf && exec "$@"', 'sh'];

/** Namespaces, wires and one real frame-forwarder; its elector is the test. */
export class ForwarderStage {
  readonly name: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'tpfwd'));
  readonly lines: string[] = [];
  elector!: Bus<'elector'>;
  broker!: Bus<'admin-broker'>;
  status: Incoming<'forwarder.status'> | undefined;
  #forwarder: ChildProcess | undefined;
  #view: NodeJS.Timeout | undefined;
  readonly #children = new Set<ChildProcess>();
  readonly #listeners = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  namespaceOf(host: Host): string {
    return `${this.name}${host}`;
  }

  ip(host: Host, ...words: readonly string[]): void {
    execFileSync('ip', ['-n', this.namespaceOf(host), ...words], {stdio: ['ignore', 'ignore', 'pipe']});
  }

  run(host: Host, ...words: readonly string[]): string {
    return execFileSync('nsenter', [`--net=/run/netns/${this.namespaceOf(host)}`, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** IP packets that the leveler's kernel forwarded by itself. */
  forwardedByKernel(): number {
    const [names = '', values = ''] = this.run('leveler', 'cat', '/proc/net/snmp').split('\n');
    return Number(values.split(' ')[names.split(' ').indexOf('ForwDatagrams')]);
  }

  /** Make everything but the processes. */
  build(): void {
    for (const host of hosts) {
      execFileSync('ip', ['netns', 'add', this.namespaceOf(host)]);
      this.run(host, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
      this.ip(host, 'link', 'set', 'lo', 'up');
    }

    this.ip('switch', 'link', 'add', 'br0', 'type', 'bridge');
    this.ip('switch', 'link', 'set', 'br0', 'up');
    this.#wire('client', 'eth0', 'leveler', 'eth0');
    this.#address('client', 'eth0', clientMac, '10.0.0.1/24');
    this.#address('leveler', 'eth0', levelerMacA, '10.0.0.101/24');
    this.#plug('leveler', 'eth1', levelerMacB, '10.0.1.1/24');
    this.#plug('server0', 'eth0', serverMacs[0], '10.0.1.101/24');
    this.#plug('server1', 'eth0', serverMacs[1], '10.0.1.102/24');
    for (const server of ['server0', 'server1'] as const) {
      this.run(server, 'sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2');
      this.ip(server, 'address', 'add', `${serviceAddress}/32`, 'dev', 'lo');
    }

    this.run('leveler', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  }

  /** Let client and servers speak IP with the services as far as Linux does it, over both families. */
  serveClients(): void {
    for (const [host, address] of [
      ['client', 'fd00:a::1/64'],
      ['server0', 'fd00:b::101/64'],
      ['server1', 'fd00:b::102/64'],
    ] as const) {
      this.run(host, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=0', 'net.ipv6.conf.eth0.disable_ipv6=0');
      this.ip(host, 'address', 'add', address, 'dev', 'eth0', 'nodad');
      if (host !== 'client') {
        this.ip(host, 'address', 'add', `${serviceAddress6}/128`, 'dev', 'lo', 'nodad');
        this.ip(host, 'route', 'add', 'default', 'dev', 'eth0');
      }
    }

    for (const [service, router] of [
      [serviceAddress, '10.0.0.101'],
      [serviceAddress6, 'fd00:a::101'],
    ] as const) {
      this.ip('client', 'neighbour', 'replace', router, 'lladdr', levelerMacA, 'dev', 'eth0', 'nud', 'permanent');
      this.ip('client', 'route', 'add', service, 'via', router, 'dev', 'eth0');
    }
  }

  /** Of every wire. @param bytes of the largest IP packet */
  setMtu(bytes: number): void {
    for (const [host, links] of [
      ['client', ['eth0']],
      ['leveler', ['eth0', 'eth1']],
      ['switch', ['leveler-p', 'server0-p', 'server1-p']],
      ['server0', ['eth0']],
      ['server1', ['eth0']],
    ] as const) {
      for (const link of links) {
        this.ip(host, 'link', 'set', link, 'mtu', String(bytes));
      }
    }
  }

  /**
   * Take UDP datagrams to the service on a host, whole as its kernel gives them. Resolves once it listens.
   *
   * @returns their payloads so far, in hexadecimal digits, growing
   */
  async receive(host: Host, port: number): Promise<string[]> {
    return this.#hear(
      host,
      `for (const [type, address] of [['udp4', '${serviceAddress}'], ['udp6', '${serviceAddress6}']]) {
        const socket = dgram.createSocket(type);
        socket.on('message', message => console.log(message.toString('hex')));
        await new Promise(resolve => socket.bind(${port}, address, resolve));
      }
      console.log('open');`,
    );
  }

  /** Send UDP datagrams from a host, each from a port of its own. */
  async sendDatagrams(
    host: Host,
    to: {address: IpAddress; port: number},
    payloads: readonly Uint8Array[],
  ): Promise<void> {
    const child = this.#script(
      host,
      `const payloads = ${JSON.stringify(payloads.map(payload => Buffer.from(payload).toString('hex')))};
      for (const hex of payloads) {
        const socket = dgram.createSocket('${familyOf(to.address) === 'ipv4' ? 'udp4' : 'udp6'}');
        await new Promise(resolve => socket.send(Buffer.from(hex, 'hex'), ${to.port}, '${to.address}', resolve));
        socket.close();
      }`,
    );
    await once(child, 'exit');
  }

  async openBuses(): Promise<void> {
    const log = createLog('stage', 'fatal', () => {});
    this.elector = await openBus('elector', this.folder, log);
    this.broker = await openBus('admin-broker', this.folder, log);
    this.elector.hear({
      'forwarder.applied': () => this.#notify(),
      'announcer.probed': () => {},
      'announcer.claims': () => {},
    });
    this.broker.hear({
      'elector.state': () => {},
      'elector.view': () => {},
      'announcer.status': () => {},
      'forwarder.status': status => {
        this.status = status;
        this.#notify();
      },
    });
  }

  /** The elector's word: this leveler may forward, from now on, or may not. */
  allow(mayForward: boolean): void {
    clearInterval(this.#view);
    const say = (): void => {
      const leaseFromMs = Number(process.hrtime.bigint()) / 1e6;
      this.elector.say('elector.view', {mayForward, leaseFromMs, self: 1, role: 3, term: 1, leader: 1});
    };
    say();
    this.#view = setInterval(say, 100);
  }

  /** The elector stalls: nobody hears a word of it. */
  stall(): void {
    clearInterval(this.#view);
  }

  sayState(state: ClusterState): void {
    this.elector.say('elector.state', {state: encodeState(state), digest: new Uint8Array(8)});
  }

  /** @param refusals of the kernel, as in `refusing-kernel.ts` */
  startForwarder(
    changes: Readonly<Record<string, string>> = {},
    {refusals}: {readonly refusals?: string} = {},
  ): ChildProcess {
    const config = join(this.folder, 'taco.toml');
    writeFileSync(config, this.#config(changes));
    const other = refusals === undefined ? [] : [`--import=${refusingKernel}`];
    const words = [process.execPath, ...other, forwarderMain, '-f', config];
    const environment = refusals === undefined ? {} : {REFUSALS: refusals};
    const isCap = (changes.engine ?? 'cap') === 'cap';
    const child = this.#spawn('leveler', isCap ? words : [...withBpffs, ...words], environment);
    createInterface({input: child.stderr!}).on('line', line => {
      this.lines.push(line);
      this.#notify();
    });
    this.#forwarder = child;
    return child;
  }

  /** Of a forwarder that ends by itself. */
  async exitCode(child: ChildProcess): Promise<number | null> {
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  }

  /** Make the leveler's net A interface anew, after it was deleted. */
  plugNetAAgain(beforeItIsUp = (): void => {}): void {
    this.#wire('client', 'eth0', 'leveler', 'eth0');
    beforeItIsUp();
    this.#address('client', 'eth0', clientMac, '10.0.0.1/24');
    this.#address('leveler', 'eth0', levelerMacA, '10.0.0.101/24');
  }

  /** Make the leveler's net B interface anew, after it was deleted. */
  plugLevelerAgain(): void {
    this.#plug('leveler', 'eth1', levelerMacB, '10.0.1.1/24');
  }

  async stopForwarder(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#forwarder!;
    const exit = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const [code] = await exit;
    return code;
  }

  /** Wait until something holds; it is looked at whenever the forwarder said or logged something. */
  async until(what: string, holds: () => boolean, limitMs = 90_000): Promise<void> {
    if (holds()) {
      return;
    }

    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (holds()) {
          clearTimeout(limit);
          this.#listeners.delete(look);
          resolve();
        }
      };
      const limit = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`not seen: ${what}\n${this.lines.join('\n')}\n${JSON.stringify(this.status)}`));
      }, limitMs);
      this.#listeners.add(look);
    });
  }

  async untilForwarding(): Promise<void> {
    await this.until('forwarding', () => this.status?.haltedBecause === '');
  }

  /**
   * Listen on a host's wire. Resolves once the capture is open.
   *
   * @returns the frames heard so far, in hexadecimal digits, growing
   */
  async listen(host: Host, filter: string): Promise<string[]> {
    return this.#hear(
      host,
      `openCapture({interfaceName: 'eth0', filter: ${JSON.stringify(filter)}, ringBytes: 16777216,
        onFrame: (frame, length) => console.log(frame.toString('hex', 0, length))});
      console.log('open');`,
    );
  }

  /** @returns the lines that a script prints after `open` */
  async #hear(host: Host, script: string): Promise<string[]> {
    const heard: string[] = [];
    const child = this.#script(host, script);
    const open = new Promise<void>(resolve => {
      createInterface({input: child.stdout!}).on('line', line => {
        if (line === 'open') {
          resolve();
        } else {
          heard.push(line);
        }

        this.#notify();
      });
    });
    await open;
    return heard;
  }

  /** Put frames on a host's wire. */
  async send(frames: readonly Uint8Array[], host: Host = 'client'): Promise<void> {
    const child = this.#script(
      host,
      `const capture = openCapture({interfaceName: 'eth0', filter: 'less 1', ringBytes: 1048576, onFrame() {}});
      const frames = ${JSON.stringify(frames.map(frame => Buffer.from(frame).toString('hex')))};
      for (const hex of frames) { const frame = Buffer.from(hex, 'hex'); capture.send(frame, frame.length); }
      capture.close();`,
    );
    await once(child, 'exit');
  }

  async destroy(): Promise<void> {
    this.stall();
    for (const child of this.#children) {
      child.kill('SIGKILL');
    }

    await Promise.all([this.elector?.close(), this.broker?.close()]);
    for (const host of hosts) {
      execFileSync('ip', ['netns', 'del', this.namespaceOf(host)]);
    }

    rmSync(this.folder, {recursive: true});
  }

  #script(host: Host, script: string): ChildProcess {
    const text = `import dgram from 'node:dgram';
      import {openCapture} from ${JSON.stringify(captureModule)};\n${script}`;
    return this.#spawn(host, [process.execPath, '--input-type=module', '-e', text]);
  }

  #spawn(host: Host, words: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn('nsenter', [`--net=/run/netns/${this.namespaceOf(host)}`, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, ...environment},
    });
    this.#children.add(child);
    child.on('exit', () => this.#children.delete(child));
    return child;
  }

  #wire(one: Host, oneEnd: string, other: Host, otherEnd: string): void {
    this.ip(one, 'link', 'add', oneEnd, 'type', 'veth', 'peer', 'name', otherEnd, 'netns', this.namespaceOf(other));
    for (const [host, end] of [
      [one, oneEnd],
      [other, otherEnd],
    ] as const) {
      this.run(host, 'ethtool', '-K', end, 'tx', 'off', 'tso', 'off', 'gso', 'off');
    }
  }

  #plug(host: Host, name: string, mac: string, address: string): void {
    this.#wire(host, name, 'switch', `${host}-p`);
    this.ip('switch', 'link', 'set', `${host}-p`, 'master', 'br0', 'up');
    this.run('switch', 'ethtool', '-K', `${host}-p`, 'gro', 'on'); // Or it would not take what a program redirects to it
    this.#address(host, name, mac, address);
  }

  #address(host: Host, name: string, mac: string, address: string): void {
    this.ip(host, 'link', 'set', name, 'address', mac);
    this.ip(host, 'address', 'add', address, 'dev', name);
    this.ip(host, 'link', 'set', name, 'up');
  }

  #config(changes: Readonly<Record<string, string>>): string {
    const value = (key: string, usual: string): string => changes[key] ?? usual;
    return `
[cluster]
name = "stage"
key_file = "${this.folder}/cluster.key"
[net_a]
subnet = "${value('netA', '10.0.0.0/24')}"
levips = ["${value('levip', '10.0.0.200')}"]
[net_b]
subnet = "${value('netB', '10.0.1.0/24')}"
[engine]
engine = "${value('engine', 'cap')}"
cap_ring_mib = 8
[paths]
run = "${this.folder}"
state = "${this.folder}"
log = "${this.folder}"
`;
  }

  #notify(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
