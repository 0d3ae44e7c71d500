import {type ChildProcessWithoutNullStreams, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface, type Interface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import type {MacAddress} from '@tacoplex/vocabulary';
import type {Start, Wish} from './engine-process.ts';

const run = (command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, {stdio: 'pipe'}).toString();
const ip = (...words: readonly string[]): string => run('ip', ...words);

export const ownScript = fileURLToPath(new URL('engine-process.js', import.meta.url));

/** What the engine process says. */
export type Said = Readonly<Record<string, string | number | boolean>>;

/** A process with the engine in it, in the leveler's namespace. */
export class EngineProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(namespace: string, start: Start, script: string, prefix: readonly string[]) {
    // `ip netns exec` would mount another /sys, without the BPF file system
    this.#child = spawn('nsenter', [
      `--net=/run/netns/${namespace}`,
      ...prefix,
      process.execPath,
      script,
      JSON.stringify(start),
    ]);
    const lines: Interface = createInterface({input: this.#child.stdout});
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async hear(): Promise<Said> {
    const {value} = (await this.#lines.next()) as {value: string | undefined};
    return JSON.parse(value ?? '{"refused":"it ended"}') as Said;
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'exit');
    }
  }

  async ask(wish: Wish): Promise<Said> {
    this.#child.stdin.write(`${JSON.stringify(wish)}\n`);
    return this.hear();
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
  }
}

/** client -- leveler (a0, b0) -- server: three namespaces, and a BPF file system of our own. */
export class Stage {
  readonly bpffs = mkdtempSync(join(tmpdir(), 'tacoplex-bpffs-'));
  readonly #id = Math.random().toString(36).slice(2, 8);
  readonly #processes: EngineProcess[] = [];

  constructor() {
    run('mount', '-t', 'bpf', 'bpf', this.bpffs);
    for (const name of ['c', 'l', 's']) {
      ip('netns', 'add', this.name(name));
      this.sysctl(name, 'net.ipv6.conf.all.disable_ipv6=1');
      this.sysctl(name, 'net.ipv6.conf.default.disable_ipv6=1');
      ip('-n', this.name(name), 'link', 'set', 'lo', 'up');
    }

    this.plugNetA();
    this.#plug('l', 'b0', 's', 's0', {});
    // A veth takes what is redirected to it only if its other end polls
    run('nsenter', `--net=/run/netns/${this.name('s')}`, 'ethtool', '-K', 's0', 'gro', 'on');
  }

  name(short: string): string {
    return `tx${this.#id}${short}`;
  }

  /** Make the interface of net A, anew if there was one. */
  plugNetA(): void {
    this.#plug('c', 'c0', 'l', 'a0', {c0: '192.0.2.7/24'});
    const mac = this.macOf('l', 'a0');
    ip('-n', this.name('c'), 'route', 'add', '10.0.1.200', 'via', '192.0.2.1', 'dev', 'c0', 'onlink');
    ip('-n', this.name('c'), 'neigh', 'replace', '192.0.2.1', 'lladdr', mac, 'dev', 'c0', 'nud', 'permanent');
  }

  unplugNetA(): void {
    ip('-n', this.name('l'), 'link', 'del', 'a0');
  }

  macOf(namespace: string, link: string): MacAddress {
    const [found] = JSON.parse(ip('-n', this.name(namespace), '-j', 'link', 'show', link)) as [{address: MacAddress}];
    return found.address;
  }

  /** Packets the server's interface has received. */
  get received(): number {
    const [found] = JSON.parse(ip('-n', this.name('s'), '-j', '-s', 'link', 'show', 's0')) as [
      {stats64: {rx: {packets: number}}},
    ];
    return found.stats64.rx.packets;
  }

  /** @param more told beside the usual @param script another build's @param prefix a command that starts it */
  start(
    netA = 'a0',
    bpffs = this.bpffs,
    more: Partial<Start> = {},
    script = ownScript,
    prefix: readonly string[] = [],
  ): EngineProcess {
    const start = {bpffs, netA, netB: 'b0', destination: this.macOf('s', 's0'), ...more};
    const engine = new EngineProcess(this.name('l'), start, script, prefix);
    this.#processes.push(engine);
    return engine;
  }

  /** Send datagrams to the service, `burst` in each 2 ms. @returns when all have left */
  async send(count: number, burst = 20, payloadBytes = 18): Promise<void> {
    const script = `
      const socket = require('node:dgram').createSocket('udp4');
      const payload = Buffer.alloc(${payloadBytes});
      let left = ${count};
      socket.connect(53, '10.0.1.200', () => {
        const timer = setInterval(() => {
          for (let number = 0; number < ${burst} && left > 0; number++) { left--; socket.send(payload); }
          if (left === 0) { clearInterval(timer); setTimeout(() => socket.close(), 50); }
        }, 2);
      });`;
    const sender = spawn('nsenter', [`--net=/run/netns/${this.name('c')}`, process.execPath, '-e', script]);
    await once(sender, 'exit');
  }

  sysctl(namespace: string, setting: string): void {
    run('nsenter', `--net=/run/netns/${this.name(namespace)}`, 'sysctl', '-qw', setting);
  }

  /** Run a command in the leveler's namespace. */
  onLeveler(...words: readonly string[]): string {
    return run('nsenter', `--net=/run/netns/${this.name('l')}`, ...words);
  }

  /** Run the script for package removal in the leveler's namespace. @returns what it prints */
  uninstall(...words: readonly string[]): string {
    const script = fileURLToPath(new URL('../src/uninstall-main.js', import.meta.url));
    return this.onLeveler(process.execPath, script, '--bpffs', this.bpffs, ...words);
  }

  async destroy(): Promise<void> {
    for (const engine of this.#processes) {
      await engine.kill();
    }

    for (const name of ['c', 'l', 's']) {
      ip('netns', 'del', this.name(name));
    }

    run('umount', this.bpffs);
    rmdirSync(this.bpffs);
  }

  #plug(
    one: string,
    oneLink: string,
    other: string,
    otherLink: string,
    addresses: Readonly<Record<string, string>>,
  ): void {
    const [first, second] = [this.name(one), this.name(other)];
    ip('-n', first, 'link', 'add', oneLink, 'type', 'veth', 'peer', 'name', otherLink, 'netns', second);
    for (const [namespace, link] of [
      [first, oneLink],
      [second, otherLink],
    ] as const) {
      const address = addresses[link];
      if (address !== undefined) {
        ip('-n', namespace, 'address', 'add', address, 'dev', link);
      }

      ip('-n', namespace, 'link', 'set', link, 'up');
    }
  }
}
