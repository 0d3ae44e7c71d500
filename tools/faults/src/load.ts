import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {createInterface, type Interface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {longestSilence, monotonicMs, type Probe, startProbe} from '@tacoplex/demo';
import {inRealTime, type Lab, shared, taco, waitFor} from '@tacoplex/lab';
import type {LoadTally} from './measured.ts';
import {recordPort} from './records.ts';

const program = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** How much goes on during a fault. */
export type LoadOptions = {
  readonly connections: number;
  readonly requestsPerSecond: number;
};

/** Clients and servers at work, from the first fault to the last. */
export class Load {
  readonly #servers: readonly ChildProcess[];
  readonly #client: ChildProcess;
  readonly #lines: Interface;
  readonly #probe: Probe;
  #sinceMs = monotonicMs();

  private constructor(servers: readonly ChildProcess[], client: ChildProcess, probe: Probe) {
    this.#servers = servers;
    this.#client = client;
    this.#lines = createInterface({input: client.stdout!});
    this.#probe = probe;
  }

  /** Add the record service to the cluster, start its servers and clients, and the probe. */
  static async start(lab: Lab, {connections, requestsPerSecond}: LoadOptions): Promise<Load> {
    const address = shared.servIp.ipv4;
    await taco(lab, ['service', 'add', `${address}:${recordPort}/tcp`]);
    const servers = lab.servers.map(({name}) => startNode(lab, name, ['record-server-main']));
    await Promise.all(servers.map(async ({stdout}) => once(stdout!, 'data')));
    const client = startNode(lab, 'client', [
      'load-client-main',
      address,
      String(connections),
      String(requestsPerSecond),
    ]);
    return new Load(servers, client, startProbe(lab, address));
  }

  /** What came since the last time; a time begins. */
  async take(): Promise<LoadTally & {readonly silenceMs: number}> {
    const tally = await this.#ask('take');
    const now = monotonicMs();
    const silenceMs = longestSilence(this.#probe.silences, this.#sinceMs, now);
    this.#sinceMs = now;
    return {...tally, silenceMs};
  }

  /** Wait until no record is late, or in vain: then `take` tells. */
  async settle(timeoutMs: number): Promise<void> {
    const look = async (): Promise<boolean> => (await this.#ask('look')).connections.stuck === 0;
    await waitFor(look, {timeoutMs, what: 'every record is answered', everyMs: 100}).catch(() => {});
  }

  async stop(): Promise<void> {
    for (const child of [this.#client, ...this.#servers]) {
      child.stdin?.end();
    }
    await this.#probe.stop();
  }

  async #ask(what: 'look' | 'take'): Promise<LoadTally> {
    const answer = once(this.#lines, 'line');
    this.#client.stdin?.write(`${what}\n`);
    const [line] = (await answer) as [string];
    return JSON.parse(line) as LoadTally;
  }
}

/** In the world these would be other machines: levelers that start in real time must not hold them up. */
function startNode(lab: Lab, host: string, [main = '', ...words]: readonly string[]): ChildProcess {
  const child = lab.spawn(host, inRealTime(30, program(main), words), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin?.on('error', () => {}); // It is gone, and whatever asks it waits in vain
  return child;
}
