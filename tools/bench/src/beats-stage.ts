import {type ChildProcess, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as wait} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';
import {gapsOf, readSightings} from './beats-capture.ts';
import {Namespaces} from './namespaces.ts';

const electorMain = new URL('../../../../packages/elector/dist/bundle/main.js', import.meta.url).pathname;
const port = 7848;
const agreedWithinMs = 20_000;
const settleMs = 1000;

/** What runs before a program to give it a priority; see `tools/units`. */
export type Priority = readonly string[];

/** Real electors on two nets in namespaces, and somebody who notes when their beats come by on net B. */
export class BeatsStage {
  readonly #namespaces = new Namespaces();
  readonly #folder = mkdtempSync(join(tmpdir(), 'tacoplex-beats-'));
  readonly #levelers: readonly number[];
  readonly #children = new Set<ChildProcess>();

  /** @throws WorldError if the namespaces cannot be made */
  constructor(size: number) {
    this.#levelers = Array.from({length: size}, (_, index) => index + 1);
    const key = join(this.#folder, 'cluster.key');
    writeFileSync(key, randomBytes(32).toString('hex'), {mode: 0o600});
    this.#namespaces.add('hub');
    this.#namespaces.run('hub', bridges);
    for (const number of this.#levelers) {
      this.#namespaces.run('hub', plug(number, this.#namespaces.add(`l${number}`)));
      this.#namespaces.run(`l${number}`, addresses(number));
      mkdirSync(join(this.#folder, String(number), 'run'), {recursive: true});
      writeFileSync(this.#configOf(number), configText(join(this.#folder, String(number)), key));
    }
  }

  /** Start all electors. Resolves when each follows a leader, and a second later. @throws WorldError */
  async start(priority: Priority): Promise<void> {
    const agreed = this.#levelers.map(async number => {
      const words = [...priority, process.execPath, electorMain, '-f', this.#configOf(number)];
      const child = this.#spawn(`l${number}`, [...namedHost(number), ...words]);
      await untilLine(child, `the elector of leveler ${number}`, /leader changed .*leader=\d/);
    });
    await Promise.all(agreed);
    await wait(settleMs);
  }

  /** @returns the times between two beats of a leveler on net B, of all levelers; ms */
  async listen(ms: number, signal: AbortSignal): Promise<number[]> {
    const file = join(this.#folder, 'beats.pcap');
    const words = ['tcpdump', '-n', '-p', '-U', '-B', '4096', '-Z', 'root', '-i', 'net-b', '-w', file];
    const capture = this.#spawn('hub', [...words, 'udp', 'and', 'dst', 'port', String(port)]);
    await untilLine(capture, 'tcpdump', /listening on/);
    await wait(ms, undefined, {signal});
    await this.#end(capture, 'SIGINT');
    return gapsOf(readSightings(readFileSync(file)));
  }

  /** End everything, and leave nothing behind. */
  async close(): Promise<void> {
    await Promise.all([...this.#children].map(async child => this.#end(child, 'SIGKILL')));
    this.#namespaces.remove();
    rmSync(this.#folder, {recursive: true, force: true});
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children].map(async child => this.#end(child, 'SIGTERM')));
  }

  #configOf(number: number): string {
    return join(this.#folder, String(number), 'taco.toml');
  }

  #spawn(namespace: string, words: readonly string[]): ChildProcess {
    const net = `--net=/run/netns/${this.#namespaces.nameOf(namespace)}`;
    const child = spawn('nsenter', [net, ...words], {stdio: ['ignore', 'ignore', 'pipe']});
    this.#children.add(child);
    return child;
  }

  async #end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    this.#children.delete(child);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal); // nsenter, nice and chrt have become the program itself
      await once(child, 'exit');
    }
  }
}

/** @throws WorldError with what it said last if it ends before, or says nothing of the kind for 20 s */
async function untilLine(child: ChildProcess, name: string, wanted: RegExp): Promise<void> {
  const said: string[] = [];
  const lines = createInterface({input: child.stderr as NodeJS.ReadableStream});
  const limit = setTimeout(() => lines.close(), agreedWithinMs);
  for await (const line of lines) {
    said.push(line);
    if (wanted.test(line)) {
      clearTimeout(limit);
      child.stderr?.resume(); // What else it says need not be read, but must not fill its pipe
      return;
    }
  }

  clearTimeout(limit);
  throw new WorldError(`${name} is not up: ${said.at(-1) ?? 'it says nothing'}`, {
    code: 'COMMAND_FAILED',
    command: child.spawnargs.join(' '),
  });
}

/** Levelers are named by their hosts. */
function namedHost(number: number): string[] {
  return ['unshare', '--uts', 'sh', '-c', `hostname leveler${number} && exec "$@"`, 'sh'];
}

const bridges = ['a', 'b']
  .map(net => `ip link add net-${net} type bridge mcast_snooping 0\nip link set net-${net} up`)
  .join('\n');

function plug(number: number, namespace: string): string {
  return ['a', 'b']
    .map(
      net => `ip link add ${net}p${number} type veth peer name ${net}0 netns ${namespace}
ip link set ${net}p${number} master net-${net} up`,
    )
    .join('\n');
}

function addresses(number: number): string {
  return ['a', 'b']
    .map(
      (net, third) => `ip address add 10.0.${third}.${number}/24 dev ${net}0
ip link set ${net}0 up`,
    )
    .join('\n');
}

function configText(folder: string, key: string): string {
  return `
[cluster]
name = "beats"
key_file = "${key}"
[net_a]
subnet = "10.0.0.0/24"
levips = ["10.0.0.200"]
[net_b]
subnet = "10.0.1.0/24"
[paths]
run = "${folder}/run"
state = "${folder}/state"
log = "${folder}/log"
`;
}
