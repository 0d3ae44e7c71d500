import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {type Bus, openBus} from '@tacoplex/bus';
import {type ClusterState, type Command, decodeState, type Operation, toCommandMessage} from '@tacoplex/cluster';
import type {Answer, Incoming, Outgoing, Question} from '@tacoplex/messages';
import {collectLog} from '@tacoplex/testkit';
import {type IpAddress, toHex} from '@tacoplex/vocabulary';

const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
const limitMs = 90_000;

/** As it is installed, so that what else this machine does delays no beat; where that is forbidden, as it is. */
const inRealTime = 'chrt --rr 10 true 2>/dev/null && exec chrt --rr 10 "$@" || exec "$@"';
const ip = (...words: readonly string[]): void => void execFileSync('ip', words);

/** Looks again whenever something was heard. */
class Watch {
  readonly #looks = new Set<() => void>();

  look(): void {
    for (const look of [...this.#looks]) {
      look();
    }
  }

  async until(isSo: () => boolean, what: () => string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`not within ${limitMs} ms: ${what()}`)), limitMs);
      const look = (): void => {
        if (isSo()) {
          clearTimeout(limit);
          this.#looks.delete(look);
          resolve();
        }
      };
      this.#looks.add(look);
      look();
    });
  }
}

/** One leveler: a namespace on both nets, a true elector, and a data path and a broker that the test plays. */
export class Leveler {
  readonly number: number;
  readonly namespace: string;
  readonly folder: string;
  readonly lines: string[] = [];
  /** How many levelers stand in the lists of those that beats are sent to; 0: beats go to all. */
  listed = 0;
  view: Incoming<'elector.view'> | undefined;
  state: ClusterState | undefined;
  digest = '';
  readonly #watch: Watch;
  #buses: Bus<'frame-forwarder' | 'admin-broker'>[] = [];
  #broker: Bus<'admin-broker'> | undefined;
  #forwarder: Bus<'frame-forwarder'> | undefined;
  #applied: Outgoing<'forwarder.applied'> = {};
  #isUninstalled = false;
  #child: ChildProcess | undefined;

  constructor(number: number, namespace: string, folder: string, watch: Watch) {
    this.number = number;
    this.namespace = namespace;
    this.folder = folder;
    this.#watch = watch;
    mkdirSync(this.run, {recursive: true});
  }

  get run(): string {
    return join(this.folder, 'run');
  }

  get isLeader(): boolean {
    return this.#child !== undefined && this.view?.leader === this.number && this.view.self === this.number;
  }

  async open(): Promise<void> {
    const {log} = collectLog('test');
    const forwarder = await openBus('frame-forwarder', this.run, log);
    forwarder.hear({
      'elector.view': () => {},
      'elector.state': ({state, digest}) => {
        this.#applied = {version: toCommandMessageVersion(decodeState(state).version), digest};
        this.#sayApplied();
      },
    });
    this.#forwarder = forwarder;
    const broker = await openBus('admin-broker', this.run, log);
    broker.hear({
      'elector.view': view => {
        this.view = view;
        this.#watch.look();
      },
      'elector.state': ({state, digest}) => {
        this.state = decodeState(state);
        this.digest = toHex(digest);
        this.#watch.look();
      },
      'announcer.status': () => {},
      'forwarder.status': () => {},
    });
    this.#broker = broker;
    this.#buses = [forwarder, broker] as unknown as Bus<'frame-forwarder' | 'admin-broker'>[];
  }

  get keyFile(): string {
    return join(this.folder, 'cluster.key');
  }

  /** Write its config file, which it reads when it starts. */
  configure(mode = 'enforcing'): void {
    writeFileSync(join(this.folder, 'taco.toml'), configOf(this.folder, this.keyFile, {listed: this.listed, mode}));
  }

  start(): void {
    const host = `hostname leveler${this.number} && ${inRealTime}`;
    const child = spawn(
      'nsenter',
      [
        `--net=/run/netns/${this.namespace}`,
        'unshare',
        '--uts',
        'sh',
        '-c',
        host,
        'sh',
        process.execPath,
        main,
        '-f',
        join(this.folder, 'taco.toml'),
      ],
      {stdio: ['ignore', 'pipe', 'pipe']},
    );
    this.#child = child;
    createInterface({input: child.stderr}).on('line', line => {
      this.lines.push(line);
      this.#watch.look();
    });
  }

  /** @returns its exit code; null if a signal ended it */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    this.view = undefined;
    if (child === undefined) {
      return null;
    }

    const exit = new Promise<number | null>(resolve => {
      child.on('exit', resolve);
    });
    child.kill(signal); // All before it have become the elector itself
    return exit;
  }

  async ask(operation: Operation, more: Partial<Command> = {}): Promise<Answer<'elector.command'>> {
    const command: Command = {id: randomBytes(16).toString('hex'), uid: 0, operation, ...more};
    const question = {command: toCommandMessage(command)} as Question<'elector.command'>;
    return (this.#broker ?? fail('the bus is not open')).ask('elector.command', question, 5000);
  }

  /** Ask by the same id until no busy machine is to blame for the answer. */
  async askUntilTold(operation: Operation, more: Partial<Command> = {}): Promise<Answer<'elector.command'>> {
    const command = {id: randomBytes(16).toString('hex'), ...more};
    return untilTold(async () => this.ask(operation, command), /may still take effect|no leader|no majority/);
  }

  async leaveUntilTold(wish: Question<'elector.leave'>): Promise<Answer<'elector.leave'>> {
    return untilTold(async () => this.leave(wish), /no other leveler|is not heard|gave no answer/);
  }

  /** @param wish by default this leveler leaves, if another could take over */
  async leave(wish: Question<'elector.leave'> = {}): Promise<Answer<'elector.leave'>> {
    return (this.#broker ?? fail('the bus is not open')).ask('elector.leave', wish, 5000);
  }

  /** What this leveler knows of another, or of itself. */
  peer(number: number): Incoming<'elector.view'>['peers'][number] | undefined {
    return this.view?.peers.find(({id}) => id === number);
  }

  /** Whether it says so itself. */
  get isLeaving(): boolean {
    return this.peer(this.number)?.leaving ?? false;
  }

  /** The data path that the test plays is taken away, or is there again. */
  setDataPath(isThere: boolean): void {
    this.#isUninstalled = !isThere;
    this.#sayApplied();
  }

  #sayApplied(): void {
    this.#forwarder?.say('forwarder.applied', {...this.#applied, uninstalled: this.#isUninstalled});
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    await Promise.all(this.#buses.map(async bus => bus.close()));
  }
}

/** Levelers on two nets in namespaces of their own. */
export class Stage {
  readonly levelers: Leveler[] = [];
  readonly #watch = new Watch();
  readonly #folder = mkdtempSync(join(tmpdir(), 'tacoplex-elector-'));
  readonly #prefix = `tpel${process.pid}n`;
  readonly #hub = `${this.#prefix}0`;

  /** @param isFiltered no multicast gets through: beats go to a list of addresses */
  async up(size: number, isFiltered = false): Promise<void> {
    ip('netns', 'add', this.#hub);
    for (const net of ['net-a', 'net-b']) {
      ip('-n', this.#hub, 'link', 'add', net, 'type', 'bridge', 'mcast_snooping', '0');
      ip('-n', this.#hub, 'link', 'set', net, 'up');
    }

    const key = randomBytes(32).toString('hex');
    for (let number = 1; number <= size; number++) {
      const leveler = new Leveler(number, `${this.#prefix}${number}`, join(this.#folder, String(number)), this.#watch);
      this.levelers.push(leveler);
      this.#plug(leveler, isFiltered);
      writeFileSync(leveler.keyFile, key, {mode: 0o600});
      leveler.listed = isFiltered ? size : 0;
      leveler.configure();
      await leveler.open();
    }
  }

  async down(): Promise<void> {
    await Promise.all(this.levelers.map(async leveler => leveler.close()));
    for (const namespace of [this.#hub, ...this.levelers.map(leveler => leveler.namespace)]) {
      ip('netns', 'del', namespace);
    }

    rmSync(this.#folder, {recursive: true, force: true});
  }

  async until(isSo: () => boolean): Promise<void> {
    await this.#watch.until(isSo, () => this.levelers.map(({lines}) => lines.slice(-15).join('\n')).join('\n\n'));
  }

  /** On a busy machine a leader may have been lost just now. @returns who leads */
  async untilOneLeads(): Promise<Leveler> {
    const find = (): Leveler | undefined => this.levelers.find(({isLeader}) => isLeader);
    await this.until(() => find() !== undefined);
    return find() as Leveler;
  }

  /** Before it is started: it votes, and is on net B alone. */
  makeWitness({namespace, folder}: Leveler): void {
    const file = join(folder, 'taco.toml');
    writeFileSync(file, `role = "witness"\n${readFileSync(file, 'utf8')}`);
    ip('-n', namespace, 'address', 'flush', 'dev', 'a0');
  }

  setLink({namespace}: Leveler, net: 'a' | 'b', state: 'up' | 'down'): void {
    ip('-n', namespace, 'link', 'set', `${net}0`, state);
  }

  /** Run a program of Node in the namespace of a leveler. */
  runIn({namespace}: Leveler, program: string): void {
    execFileSync('nsenter', [`--net=/run/netns/${namespace}`, process.execPath, '--input-type=module', '-e', program]);
  }

  #plug({namespace, number}: Leveler, isFiltered: boolean): void {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    for (const [net, third] of [
      ['a', 0],
      ['b', 1],
    ] as const) {
      const port = `${net}p${number}`;
      ip('-n', this.#hub, 'link', 'add', port, 'type', 'veth', 'peer', 'name', `${net}0`, 'netns', namespace);
      ip('-n', this.#hub, 'link', 'set', port, 'master', `net-${net}`, 'up');
      if (isFiltered) {
        ip('-n', this.#hub, 'link', 'set', port, 'type', 'bridge_slave', 'mcast_flood', 'off');
      }

      ip('-n', namespace, 'address', 'add', `10.0.${third}.${number}/24`, 'dev', `${net}0`);
      ip('-n', namespace, 'link', 'set', `${net}0`, 'up');
    }
  }
}

/** @param busy refusals that a busy machine gives rise to, when beats come too late */
async function untilTold<Told extends {readonly refusal: string}>(
  ask: () => Promise<Told>,
  busy: RegExp,
): Promise<Told> {
  let told = await ask();
  for (let again = 0; again < 20 && busy.test(told.refusal); again++) {
    await pause(250);
    told = await ask();
  }

  return told;
}

/** A server to add. */
export const server = (number: number): Operation => ({
  kind: 'addServer',
  name: `s${number}`,
  address: `10.0.1.${100 + number}` as IpAddress,
  group: '',
  weight: 1,
});

/** One leads, and all have one state. */
export const areLevel = (levelers: readonly Leveler[]): boolean => {
  const [first] = levelers;
  return (
    first?.digest !== '' &&
    levelers.every(({digest, view}) => digest === first?.digest && view?.leader === first?.view?.leader) &&
    levelers.filter(({isLeader}) => isLeader).length === 1
  );
};

/** That many levelers, level with each other, until the test ends. */
export async function startAll(
  t: {teardown(fn: () => Promise<void>): void},
  size: number,
  isFiltered = false,
): Promise<Stage> {
  const stage = new Stage();
  t.teardown(async () => stage.down());
  await stage.up(size, isFiltered);
  for (const leveler of stage.levelers) {
    leveler.start();
  }

  await stage.until(() => areLevel(stage.levelers) && stage.levelers[0]?.state?.members.length === size);
  return stage;
}

function configOf(
  folder: string,
  key: string,
  {listed, mode}: {readonly listed: number; readonly mode: string},
): string {
  const peers = (third: number): string =>
    JSON.stringify(Array.from({length: listed}, (_, index) => `10.0.${third}.${index + 1}`));
  return `
    [cluster]
    name = "stage"
    key_file = "${key}"
    [net_a]
    subnet = "10.0.0.0/24"
    levips = ["10.0.0.200"]
    peers = ${peers(0)}
    [net_b]
    subnet = "10.0.1.0/24"
    peers = ${peers(1)}
    [intake]
    mode = "turns"
    [security]
    mode = "${mode}"
    [paths]
    run = "${folder}/run"
    state = "${folder}/state"
    log = "${folder}/log"
  `;
}

function toCommandMessageVersion(version: ClusterState['version']) {
  const {term, leader, nonce, index} = version;
  return {term, leader, nonce: Buffer.from(nonce, 'hex'), index};
}

function fail(why: string): never {
  throw new Error(why);
}
