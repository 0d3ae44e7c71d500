import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {type Bus, openBus} from '@tacoplex/bus';
import {
  type ClusterState,
  carryOut,
  encodeState,
  firstState,
  fromCommandMessage,
  toVersionMessage,
  withVersion,
} from '@tacoplex/cluster';
import {Explainer} from '@tacoplex/explaining';
import type {Reply} from '@tacoplex/messages';
import {collectLog} from '@tacoplex/testkit';
import {type IpAddress, ipFromBytes, type LevelerId, type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {digest, healthy} from './sample-status.ts';

const root = resolve(import.meta.dirname, '../../../..');

export const tacoFile = join(root, 'packages/taco/bin/taco.js');
const brokerFile = join(root, 'packages/admin-broker/dist/bundle/main.js');

const config = (folder: string): string => `
[cluster]
name = "demo"
key_file = "${folder}/cluster.key"

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

type Decision = NonNullable<Reply<'forwarder.explain'>['decisions']>[number];

const alone = {refusal: 'no other leveler could take over', advice: '--force leaves nevertheless'};

/** Of the servers on disk. */
export const macOf = (number: number): MacAddress => `02:00:00:00:01:0${number}` as MacAddress;

/** Nobody has it. */
export const absent = '10.0.1.150' as IpAddress;

/** A leveler in a folder of its own: a real broker, and on request an elector that knows one machine only. */
export class LevelerOnDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'taco-'));
  readonly configFile = join(this.folder, 'taco.toml');
  readonly runFolder = join(this.folder, 'run');
  #broker: ChildProcess | undefined;
  #elector: Bus<'elector'> | undefined;
  #forwarder: Bus<'frame-forwarder'> | undefined;
  #announcer: Bus<'arp-announcer'> | undefined;
  #beat: NodeJS.Timeout | undefined;
  #state: ClusterState = firstState({
    cluster: 'demo',
    hashKey: new Uint8Array(16),
    members: [1, 2].map(id => ({id: id as LevelerId, name: `leveler${id - 1}`})),
    version: {term: 3, leader: 1 as LevelerId, nonce: '00'.repeat(8), index: 1},
  });

  constructor() {
    writeFileSync(this.configFile, config(this.folder));
    mkdirSync(join(this.folder, 'log'));
    mkdirSync(this.runFolder);
  }

  /** Resolves when the broker's socket is there. */
  async startBroker(): Promise<void> {
    this.#broker = spawn(process.execPath, [brokerFile, '-f', this.configFile], {stdio: ['ignore', 'ignore', 'pipe']});
    this.#broker.stderr?.resume();
    while (!existsSync(join(this.runFolder, 'admin-broker.sock'))) {
      await pause(10);
    }
  }

  /** Resolves when the broker has heard it. With it comes somebody who answers for every address of a server but `absent`. */
  async startElector(): Promise<void> {
    const elector = await openBus('elector', this.runFolder, collectLog('elector').log);
    this.#elector = elector;
    elector.answer({
      'elector.leave': async ({force, leveler, stay}) => (force || stay || leveler !== 0 ? {} : alone),
      'elector.command': async ({command}) => {
        const result = carryOut(this.#state, fromCommandMessage(command as Parameters<typeof fromCommandMessage>[0]));
        if (result.kind !== 'done') {
          return result.kind === 'refused' ? result : {};
        }

        const {version} = this.#state;
        this.#state = withVersion(result.state, {...version, index: version.index + 1});
        this.#say();
        return {
          changes: result.changes,
          version: toVersionMessage(this.#state.version),
          kept: [1],
          applied: [1],
          missing: [2],
          fenced: [2],
        };
      },
    });
    this.#announcer = await openBus('arp-announcer', this.runFolder, collectLog('arp-announcer').log);
    this.#announcer.answer({
      'announcer.find': async ({address}) =>
        ipFromBytes(address) === absent ? {} : {mac: Uint8Array.of(2, 0, 0, 0, 1, address[3] ?? 0)},
    });
    this.#say();
    this.#beat = setInterval(() => this.#say(), 100);
    for (let isHeard = false; !isHeard; ) {
      const {stdout} = await runTaco(['status', '--json'], {TACOPLEX_SOCKET: this.runFolder});
      isHeard = JSON.parse(stdout).version !== null;
    }
  }

  /**
   * Resolves when the broker has heard it. Its engine is the reference, but for what `bend` does to its decisions.
   *
   * @param busyMs how long it has something else to do before it explains
   */
  async startForwarder(
    bend: (decision: Decision, index: number) => Decision = decision => decision,
    busyMs = 0,
  ): Promise<void> {
    const forwarder = await openBus('frame-forwarder', this.runFolder, collectLog('frame-forwarder').log);
    this.#forwarder = forwarder;
    forwarder.answer({
      'forwarder.uninstall': async () => ({engine: 'xdp', interface: 'eth0'}),
      'forwarder.explain': async ({frames}) => {
        await pause(busyMs);
        const macs = new Map(this.#state.servers.map(({number}) => [number, macOf(number)]));
        const explainer = new Explainer(this.#state, macs);
        return {
          engine: 'xdp',
          digest,
          servers: [...macs].map(([number, mac]) => ({number, mac: macToBytes(mac)})),
          decisions: frames
            .map(bytes => explainer.explain({bytes, length: bytes.length}))
            .map(({verdict, reason, server}) => ({
              verdict,
              reason,
              destination: server?.mac === undefined ? new Uint8Array() : macToBytes(server.mac),
            }))
            .map(bend),
        };
      },
    });
    this.#say();
    for (let isHeard = false; !isHeard; ) {
      const {stdout} = await runTaco(['status', '--json'], {TACOPLEX_SOCKET: this.runFolder});
      isHeard = JSON.parse(stdout).engine !== null;
    }
  }

  async stopBroker(): Promise<void> {
    if (this.#broker?.exitCode === null) {
      this.#broker.kill('SIGTERM');
      await once(this.#broker, 'exit');
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#beat);
    await this.#elector?.close();
    await this.#forwarder?.close();
    await this.#announcer?.close();
    await this.stopBroker();
    rmSync(this.folder, {recursive: true});
  }

  #say(): void {
    const [first, second] = healthy.view.peers;
    this.#elector?.say('elector.state', {state: encodeState(this.#state), digest});
    this.#elector?.say('elector.view', {...healthy.view, self: 1, role: 3, peers: [first, {...second, live: false}]});
    this.#forwarder?.say('forwarder.status', {engine: 'xdp', digest});
  }
}

export type Ran = {readonly exit: number | null; readonly stdout: string; readonly stderr: string};

/** One taco, from start to end. Nothing of the machine's own environment that taco reads reaches it. */
export async function runTaco(words: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ran> {
  const taco = startTaco(words, environment);
  const [stdout, stderr] = [collect(taco.stdout), collect(taco.stderr)];
  const [exit] = (await once(taco, 'close')) as [number | null];
  return {exit, stdout: stdout.join(''), stderr: stderr.join('')};
}

export function startTaco(words: readonly string[], environment: Readonly<Record<string, string>>) {
  return spawn(process.execPath, [tacoFile, ...words], {
    env: {PATH: process.env.PATH, ...environment},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function collect(stream: NodeJS.ReadableStream): string[] {
  const parts: string[] = [];
  stream.on('data', part => parts.push(String(part)));
  return parts;
}
