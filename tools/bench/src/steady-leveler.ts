import {type ChildProcess, type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {setPriority, tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Bus, openBus} from '@tacoplex/bus';
import {type ClusterState, encodeState} from '@tacoplex/cluster';
import {WorldError} from '@tacoplex/errors';
import {createLog} from '@tacoplex/log';
import type {Incoming} from '@tacoplex/messages';
import {priorityOf, processUnits} from '@tacoplex/units';
import {changedState, steadyState} from './steady-state.ts';

const forwarder = (built: 'bundle' | 'src'): string =>
  new URL(`../../../../packages/frame-forwarder/dist/${built}/main.js`, import.meta.url).pathname;
/** Makes a forwarder one of another version, of which the maps have another layout. */
export const otherLayout = new URL('./steady-other-layout.js', import.meta.url).href;
/** What their units have; the elector's place is taken by this process. */
const priority = processUnits.filter(({name}) => name === 'frame-forwarder').flatMap(priorityOf);
const electorNice = processUnits.find(({name}) => name === 'elector')?.nice ?? 0;
const viewMs = 100;
const limitMs = 30_000;

type Status = Incoming<'forwarder.status'>;

/** The real frame-forwarder in a namespace, with a BPF file system that outlives it; the bench is its elector. */
export class SteadyLeveler {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tpsteady'));
  readonly #namespace: string;
  readonly #leaseMs: number;
  readonly #complaints: string[] = [];
  readonly #listeners = new Set<() => void>();
  #keeper: ChildProcessWithoutNullStreams | undefined;
  #forwarder: ChildProcess | undefined;
  #elector: Bus<'elector'> | undefined;
  #broker: Bus<'admin-broker'> | undefined;
  #saying: NodeJS.Timeout | undefined;
  #state: ClusterState = steadyState();
  #applied = 0;
  #status: Status | undefined;

  /** @param namespace full name @param leaseMs that the data path goes on without a word of the elector */
  constructor(namespace: string, leaseMs: number) {
    this.#namespace = namespace;
    this.#leaseMs = leaseMs;
  }

  /** Start all there is. @throws WorldError */
  async build(): Promise<void> {
    await this.#keepBpffs();
    writeFileSync(join(this.#folder, 'taco.toml'), this.#config());
    const log = createLog('bench', 'fatal', () => {});
    const elector = await openBus('elector', this.#folder, log);
    this.#elector = elector;
    this.#broker = await openBus('admin-broker', this.#folder, log);
    elector.hear({
      'forwarder.applied': ({version}) => {
        this.#applied = Number(version?.index ?? 0);
        this.#notify();
      },
      'announcer.probed': () => {},
      'announcer.claims': () => {},
    });
    this.#broker.hear({
      'elector.state': () => {},
      'elector.view': () => {},
      'announcer.status': () => {},
      'forwarder.status': status => {
        this.#status = status;
        this.#notify();
      },
    });
    setPriority(electorNice);
    this.#saying = setInterval(() => this.#sayView(elector), viewMs);
    this.#sayView(elector);
    this.#sayState();
    await this.startForwarder();
  }

  /** Resolves when it forwards. @param imports modules that make it another version */
  async startForwarder(...imports: readonly string[]): Promise<void> {
    const words = [`--target=${this.#keeper?.pid}`, '--mount', `--net=/run/netns/${this.#namespace}`];
    const options = imports.map(module => `--import=${module}`);
    const program = forwarder(imports.length === 0 ? 'bundle' : 'src'); // A bundle has no modules that could be others
    const main = [process.execPath, ...options, program, '-f', join(this.#folder, 'taco.toml')];
    this.#status = undefined;
    this.#applied = 0;
    const [command = '', ...prefix] = [...priority, 'nsenter', ...words];
    const child = spawn(command, [...prefix, ...main], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#forwarder = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#complaints.push(text));
    const {index} = this.#state.version;
    await this.#until('the forwarder forwards', () => this.#applied === index && this.#status?.haltedBecause === '');
  }

  async endForwarder(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#forwarder;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    }
  }

  /** Give it another table. Resolves when its data path follows it. */
  async changeTable(): Promise<void> {
    this.#state = changedState(this.#state);
    this.#sayState();
    const {index} = this.#state.version;
    await this.#until('the new table is followed', () => this.#applied === index);
  }

  /** Where the BPF file system is, for this process. */
  get bpffs(): string {
    return `/proc/${this.#keeper?.pid}/root/sys/fs/bpf`;
  }

  get engine(): string {
    return `${this.#status?.engine}: ${this.#status?.engineReason}`;
  }

  async destroy(): Promise<void> {
    clearInterval(this.#saying);
    setPriority(0);
    await this.endForwarder('SIGKILL');
    await Promise.all([this.#elector?.close(), this.#broker?.close()]);
    this.#keeper?.stdin.end();
    rmSync(this.#folder, {recursive: true, force: true});
  }

  /** What is pinned must outlive each forwarder: a process that does nothing keeps the mount, until we are gone. */
  async #keepBpffs(): Promise<void> {
    const keeper = spawn('unshare', ['--mount', 'sh', '-c', 'mount -t bpf bpf /sys/fs/bpf && echo ready && exec cat']);
    this.#keeper = keeper;
    const [said] = (await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'exit')])) as [Buffer | number];
    if (typeof said === 'number') {
      throw new WorldError('no BPF file system can be mounted', {code: 'COMMAND_FAILED', command: 'mount'});
    }
  }

  #sayView(elector: Bus<'elector'>): void {
    const leaseFromMs = Number(process.hrtime.bigint()) / 1e6;
    elector.say('elector.view', {mayForward: true, leaseFromMs, self: 1, role: 3, term: 1, leader: 1});
  }

  #sayState(): void {
    this.#elector?.say('elector.state', {state: encodeState(this.#state), digest: new Uint8Array(8)});
  }

  #notify(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`not seen within ${limitMs / 1000} s: ${what}\n${this.#complaints.join('')}`));
      }, limitMs);
      const look = (): void => {
        if (holds()) {
          clearTimeout(limit);
          this.#listeners.delete(look);
          resolve();
        }
      };
      this.#listeners.add(look);
      look();
    });
  }

  #config(): string {
    return `[cluster]
name = "bench"
key_file = "${this.#folder}/cluster.key"
[net_a]
subnet = "10.0.0.0/24"
levips = ["10.0.0.200"]
[net_b]
subnet = "10.0.1.0/24"
[engine]
engine = "xdp"
[timing]
lease_ms = ${this.#leaseMs}
[paths]
run = "${this.#folder}"
state = "${this.#folder}"
log = "${this.#folder}"
`;
  }
}
