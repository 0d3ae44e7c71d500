import {readFileSync} from 'node:fs';
import {WorldError} from '@tacoplex/errors';
import {attachXdp, type BpfObject, type XdpLink} from '@tacoplex/kernel';
import {arrivals as layout} from './datapath-layout.ts';
import type {Namespaces} from './namespaces.ts';

/**
 * Where frames end: in the receiving kernel's stack, which makes a packet of each and sees that it is for somebody else, or
 * in a program in the receiver's driver, which drops it.
 */
export const sinkNames = ['stack', 'driver'] as const;
export type SinkName = (typeof sinkNames)[number];

/** What has arrived so far, by the end in use. */
export type Arrived = {
  readonly frames: number;
  readonly bytes: number;
  /** Frames that did not look forwarded. The stack does not tell them apart. */
  readonly others: number;
  /** Frames, by CPU they arrived on; only in the driver. */
  readonly perCpu: readonly number[];
  /** Frames, by number of the server; only in the driver. */
  readonly servers: readonly number[];
};

type Wire = {readonly name: string; readonly index: number};

/** The far ends of all wires, in one namespace. */
export class Sink {
  readonly #namespaces: Namespaces;
  readonly #namespace: string;
  readonly #wires: readonly Wire[];
  readonly #program: BpfObject;
  readonly #arrivals: BigUint64Array;
  #links: readonly XdpLink[] = [];
  #name: SinkName | undefined;

  /** @param program of `sink.bpf.c` @param arrivals its map */
  constructor(
    namespaces: Namespaces,
    {namespace, wires}: {readonly namespace: string; readonly wires: readonly Wire[]},
    {program, arrivals}: {readonly program: BpfObject; readonly arrivals: ArrayBuffer},
  ) {
    this.#namespaces = namespaces;
    this.#namespace = namespace;
    this.#wires = wires;
    this.#program = program;
    this.#arrivals = new BigUint64Array(arrivals);
    // Without a program of its own a veth takes what is redirected to it only so
    namespaces.run(namespace, wires.map(({name}) => `ethtool -K ${name} gro on`).join('\n'));
    this.use('driver');
  }

  get name(): SinkName {
    return this.#name ?? 'stack';
  }

  /** Let frames end here from now on; none may be under way. */
  use(name: SinkName): void {
    if (name === this.#name) {
      return;
    }

    this.close();
    this.#name = name;
    if (name === 'driver') {
      const program = this.#program.program('take');
      this.#links = this.#namespaces.within(this.#namespace, () =>
        this.#wires.map(wire => attachXdp(program, wire).link),
      );
    }
  }

  get arrived(): Arrived {
    return this.#name === 'driver' ? this.#countInDriver() : this.#countInStack();
  }

  /** Frames that the stack has looked at, and seen that they are for somebody else. Takes some milliseconds. */
  countSeenByStack(): number {
    const links = JSON.parse(this.#namespaces.run(this.#namespace, 'ip -s -s -j link show')) as readonly {
      ifname: string;
      stats64?: {rx: {otherhost?: number}}; // Left out while it is 0
    }[];
    const seenOn = (name: string): number => links.find(({ifname}) => ifname === name)?.stats64?.rx.otherhost ?? 0;
    return this.#wires.reduce((sum, {name}) => sum + seenOn(name), 0);
  }

  close(): void {
    for (const link of this.#links) {
      link.close();
    }

    this.#links = [];
  }

  #countInDriver(): Arrived {
    const rows = Array.from({length: this.#arrivals.length / layout.words}, (_, cpu) =>
      Array.from(this.#arrivals.subarray(cpu * layout.words, (cpu + 1) * layout.words), count => Number(count)),
    );
    const sum = (word: number): number => rows.reduce((total, row) => total + (row[word] ?? 0), 0);
    return {
      frames: sum(layout.frames),
      bytes: sum(layout.bytes),
      others: sum(layout.others),
      perCpu: rows.map(row => row[layout.frames] ?? 0),
      servers: Array.from({length: layout.serverCount}, (_, number) => sum(layout.servers + number)),
    };
  }

  #countInStack(): Arrived {
    const text = this.#namespaces.within(this.#namespace, () => readFileSync('/proc/self/net/dev', 'utf8'));
    const names = new Set(this.#wires.map(({name}) => name));
    const counts = countReceived(text).filter(({name}) => names.has(name));
    if (counts.length !== names.size) {
      throw new WorldError('/proc/net/dev: an interface is missing', {
        code: 'KERNEL_REFUSED',
        operation: 'count frames',
        errno: '',
      });
    }

    const sum = (of: 'frames' | 'bytes'): number => counts.reduce((total, count) => total + count[of], 0);
    return {frames: sum('frames'), bytes: sum('bytes'), others: 0, perCpu: [], servers: []};
  }
}

/** @param text of /proc/net/dev @see proc(5) */
export function countReceived(text: string): readonly {name: string; bytes: number; frames: number}[] {
  return text
    .split('\n')
    .map(line => /^ *(\S+): *(\d+) +(\d+) /.exec(line))
    .filter(match => match !== null)
    .map(([, name = '', bytes, frames]) => ({name, bytes: Number(bytes), frames: Number(frames)}));
}
