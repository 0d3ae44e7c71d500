import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {type Bus, openBus} from '@tacoplex/bus';
import type {Incoming} from '@tacoplex/messages';
import {collectLog} from '@tacoplex/testkit';
import {ipToBytes, type MacAddress, macFromBytes, parseMac} from '@tacoplex/vocabulary';
import {type ClaimSaid, ip, viewOf} from './fixtures.ts';

const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
const run = (command: string, ...words: readonly string[]): string => execFileSync(command, words, {encoding: 'utf8'});

const limitMs = 90_000;

/** Looks whenever one of `lookers` is called, until it is so. */
async function until(lookers: Set<() => void>, isSo: () => boolean, what: () => string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`not within ${limitMs} ms: ${what()}`)), limitMs);
    const look = (): void => {
      if (isSo()) {
        clearTimeout(limit);
        lookers.delete(look);
        resolve();
      }
    };
    lookers.add(look);
    look();
  });
}

/** A process in a namespace, and what it has said. */
export class Watched {
  readonly lines: string[] = [];
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(namespace: string, ...words: readonly string[]) {
    const child = spawn('ip', ['netns', 'exec', namespace, ...words], {stdio: ['ignore', 'pipe', 'pipe']});
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({input: stream}).on('line', line => {
        this.lines.push(line);
        for (const look of this.#waiting) {
          look();
        }
      });
    }

    this.exit = new Promise(resolve => {
      child.on('exit', code => resolve(code));
    });
  }

  /** Resolves when a line from the `from`th on matches. @throws Error if the process ends before, or too much time passes */
  async saw(pattern: RegExp, from = 0): Promise<void> {
    const ended = this.exit.then(() => {
      throw new Error(`${pattern}: the process ended:\n${this.lines.join('\n')}`);
    });
    await Promise.race([
      ended,
      until(
        this.#waiting,
        () => this.lines.slice(from).some(line => pattern.test(line)),
        () => `${pattern} in:\n${this.lines.join('\n')}`,
      ),
    ]);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal); // `ip netns exec` has become the process itself
    return this.exit;
  }
}

/** One leveler: a namespace with both nets, an elector played by the test, and room for an announcer. */
export class Leveler {
  readonly id: number;
  readonly namespace: string;
  readonly macs: {readonly a: MacAddress; readonly b: MacAddress};
  live = true;
  claims: readonly ClaimSaid[] = [];
  status: Incoming<'announcer.status'> | undefined;
  readonly #folder: string;
  #elector: Bus<'elector'> | undefined;
  #broker: Bus<'admin-broker'> | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(id: number, namespace: string, folder: string) {
    this.id = id;
    this.namespace = namespace;
    this.#folder = folder;
    this.macs = {a: readMac(namespace, 'a0'), b: readMac(namespace, 'b0')};
    mkdirSync(join(folder, 'run'), {recursive: true});
    writeFileSync(
      join(folder, 'taco.toml'),
      `
        [cluster]
        name = "test"
        key_file = "${folder}/cluster.key"
        [net_a]
        subnet = "10.0.0.0/24"
        levips = ["10.0.0.200"]
        [net_b]
        subnet = "10.0.1.0/24"
        [intake]
        mode = "turns"
        dwell_s = 0
        [paths]
        run = "${folder}/run"
      `,
    );
  }

  async open(): Promise<void> {
    const {log} = collectLog('test');
    this.#elector = await openBus('elector', join(this.#folder, 'run'), log);
    this.#elector.hear({
      'announcer.probed': () => {},
      'announcer.claims': ({claims}) => {
        this.claims = claims;
        this.#look();
      },
      'forwarder.applied': () => {},
    });
    this.#broker = await openBus('admin-broker', join(this.#folder, 'run'), log);
    this.#broker.hear({
      'elector.state': () => {},
      'elector.view': () => {},
      'forwarder.status': () => {},
      'announcer.status': status => {
        this.status = status;
        this.#look();
      },
    });
  }

  startAnnouncer(): Watched {
    return new Watched(this.namespace, process.execPath, main, '-f', join(this.#folder, 'taco.toml'));
  }

  sayView(levelers: readonly Leveler[]): void {
    this.#elector?.say(
      'elector.view',
      viewOf(
        Number(process.hrtime.bigint()) / 1e6,
        levelers.map(({id, macs, live, claims}) => ({id, ...macs, live: live || id === this.id, claims})),
      ),
    );
  }

  /** Resolves when the announcer's word is so. @throws Error if too much time passes */
  async said(isSo: (leveler: this) => boolean): Promise<void> {
    await until(
      this.#waiting,
      () => isSo(this),
      () => JSON.stringify([this.claims, this.status]),
    );
  }

  /** Asks the announcer who has an address on net B. */
  async find(address: string): Promise<MacAddress | undefined> {
    const answer = await this.#broker?.ask('announcer.find', {address: ipToBytes(ip(address))}, limitMs);
    if (answer === undefined || answer.refusal !== '') {
      throw new Error(`${address} was not looked for: ${answer?.refusal ?? 'no bus'}`);
    }

    return answer.mac.length === 0 ? undefined : macFromBytes(answer.mac);
  }

  async close(): Promise<void> {
    await this.#elector?.close();
    await this.#broker?.close();
  }

  #look(): void {
    for (const look of this.#waiting) {
      look();
    }
  }
}

/** Net A and net B with two levelers, and a client on net A. */
export class Segment {
  static #made = 0;
  readonly levelers: readonly [Leveler, Leveler];
  readonly client: string;
  readonly #prefix = `tpann${process.pid}${Segment.#made++}`;
  readonly #namespaces: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'tacoplex-announcer-'));
  #views: NodeJS.Timeout | undefined;

  constructor() {
    try {
      [this.client, this.levelers] = this.#build();
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  #build(): [string, readonly [Leveler, Leveler]] {
    const wire = this.#namespace('w');
    for (const net of ['a', 'b']) {
      run('ip', '-n', wire, 'link', 'add', `net-${net}`, 'type', 'bridge');
      run('ip', '-n', wire, 'link', 'set', `net-${net}`, 'up');
    }

    const client = this.#namespace('c');
    this.#plug(client, 'a', '10.0.0.1/24');
    const [one, two] = [1, 2].map(id => {
      const namespace = this.#namespace(`l${id}`);
      this.#plug(namespace, 'a', `10.0.0.10${id}/24`);
      this.#plug(namespace, 'b', `10.0.1.${id}/24`);
      return new Leveler(id, namespace, join(this.#folder, `l${id}`));
    });
    return [client, [one!, two!]];
  }

  /** Open the buses, and let each elector speak every 50 ms. */
  async open(): Promise<void> {
    await Promise.all(this.levelers.map(async leveler => leveler.open()));
    this.#views = setInterval(() => {
      for (const leveler of this.levelers) {
        leveler.sayView(this.levelers);
      }
    }, 50);
  }

  async close(): Promise<void> {
    clearInterval(this.#views);
    await Promise.all(this.levelers.map(async leveler => leveler.close()));
    this.#remove();
  }

  #remove(): void {
    for (const namespace of this.#namespaces.splice(0)) {
      run('ip', 'netns', 'del', namespace);
    }

    rmSync(this.#folder, {recursive: true, force: true});
  }

  /** MAC address that the client sends the LevIP's packets to. */
  clientsEntry(): MacAddress | undefined {
    const [entry] = JSON.parse(run('ip', '-n', this.client, '-j', 'neigh', 'show', '10.0.0.200', 'dev', 'a0')) as {
      lladdr?: string;
    }[];
    return parseMac(entry?.lladdr ?? '');
  }

  /** Let the client's kernel ask for the LevIP; nobody answers the ping itself. */
  async resolve(): Promise<void> {
    await new Watched(this.client, 'ping', '-c', '1', '-W', '1', '10.0.0.200').exit;
  }

  #namespace(name: string): string {
    const namespace = `${this.#prefix}${name}`;
    run('ip', 'netns', 'add', namespace);
    this.#namespaces.push(namespace);
    return namespace;
  }

  #plug(namespace: string, net: 'a' | 'b', address: string): void {
    const port = `${net}-${namespace.slice(this.#prefix.length)}`;
    const wire = `${this.#prefix}w`;
    run('ip', '-n', namespace, 'link', 'add', `${net}0`, 'type', 'veth', 'peer', 'name', port, 'netns', wire);
    run('ip', '-n', wire, 'link', 'set', port, 'master', `net-${net}`, 'up');
    run('ip', '-n', namespace, 'address', 'add', address, 'dev', `${net}0`);
    run('ip', '-n', namespace, 'link', 'set', `${net}0`, 'up');
  }
}

function readMac(namespace: string, name: string): MacAddress {
  const [link] = JSON.parse(run('ip', '-n', namespace, '-j', 'link', 'show', name)) as {address: string}[];
  return parseMac(link?.address ?? '')!;
}
