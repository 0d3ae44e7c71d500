import {mkdtempSync, readFileSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ImageContent} from '@tacoplex/leveling';
import type {MonotonicMs} from '@tacoplex/vocabulary';
import {XdpEngine} from '@tacoplex/xdp-engine';
import type {Case} from './datapath-cases.ts';
import {contentOf} from './datapath-content.ts';
import type {Forwarder} from './datapath-forwarder.ts';
import {type DatapathStage, type Lane, serverMac} from './datapath-stage.ts';
import {takeTurn} from './interruption.ts';
import {isAlive} from './is-alive.ts';
import {runCommand} from './namespaces.ts';

const leaseMs = 2000;
const folderPrefix = join(tmpdir(), 'tpbench-bpffs-');

/** The xdp engine, through its control half, as frame-forwarder runs it. */
export class XdpForwarder implements Forwarder {
  readonly #bpffs: string;
  readonly #stage: DatapathStage;
  readonly #lane: Lane;
  #engine: XdpEngine | undefined;

  constructor(stage: DatapathStage, lane: Lane) {
    this.#stage = stage;
    this.#lane = lane;
    removeOrphans();
    this.#bpffs = mkdtempSync(`${folderPrefix}${process.pid}-`);
    runCommand('mount', ['-t', 'bpf', 'bpf', this.#bpffs]);
  }

  /** Load and attach it anew. @returns how long it took, ms */
  start(): number {
    this.#stop();
    const {name, netA, netB} = this.#lane;
    return this.#stage.namespaces.within(name, () => {
      const began = performance.now();
      this.#engine = new XdpEngine({netA, netB, bpffs: this.#bpffs});
      return performance.now() - began;
    });
  }

  async prepare({servers}: Case): Promise<void> {
    await this.install(contentOf({groups: 1, serversEach: servers}, this.#lane.netA.mac, serverMac));
  }

  /** @returns how long it took, ms */
  async install(content: ImageContent): Promise<number> {
    while (this.#running.isSpareBusy) {
      await takeTurn();
    }

    const began = performance.now();
    this.#running.install(content);
    return performance.now() - began;
  }

  /** As the elector's word does it, ten times a second. */
  renew(): void {
    const now = performance.now() as MonotonicMs;
    this.#running.renewLease(true, now, leaseMs, now);
  }

  get mode(): string {
    return this.#running.mode;
  }

  /** Of all maps, bytes. */
  get memoryBytes(): number {
    return this.#running.memoryBytes;
  }

  close(): void {
    this.#stop();
    removeMount(this.#bpffs);
  }

  get #running(): XdpEngine {
    if (this.#engine === undefined) {
      this.start();
    }

    return this.#engine as XdpEngine;
  }

  #stop(): void {
    const engine = this.#engine;
    this.#engine = undefined;
    if (engine !== undefined) {
      this.#stage.namespaces.within(this.#lane.name, () => engine.uninstall());
    }
  }
}

function removeMount(folder: string): void {
  runCommand('umount', [folder]);
  rmdirSync(folder);
}

/** What benches that were killed have left mounted, and with it their maps. */
function removeOrphans(): void {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, folder = ''] = line.split(' ');
    const pid = folder.startsWith(folderPrefix) ? Number.parseInt(folder.slice(folderPrefix.length), 10) : process.pid;
    if (pid !== process.pid && !isAlive(pid)) {
      removeMount(folder);
    }
  }
}
