/** Runs the engine in a process of its own, as frame-forwarder would: one line of JSON in, one line of JSON out. */
import {execFileSync} from 'node:child_process';
import {createInterface} from 'node:readline';
import type {ImageContent} from '@tacoplex/leveling';
import {binCount, type MacAddress, type MonotonicMs} from '@tacoplex/vocabulary';
import {type SuccessionStep, XdpEngine} from '../src/index.ts';

export type Start = {
  readonly bpffs: string;
  readonly netA: string;
  readonly netB: string;
  readonly destination: MacAddress;
  /** The step at which it dies. */
  readonly killAt?: SuccessionStep;
};

export type Wish =
  | {readonly do: 'install'; readonly times?: number}
  | {readonly do: 'count' | 'uninstall' | 'inherited'}
  | {readonly do: 'renew'; readonly mayForward: boolean};

const longLeaseMs = 60_000;

const say = (answer: object): boolean => process.stdout.write(`${JSON.stringify(answer)}\n`);
const about = (name: string) => {
  const [{ifindex: index, address: mac}] = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', name]).toString()) as [
    {ifindex: number; address: MacAddress},
  ];
  return {name, index, mac};
};

function contentFor(ourMac: MacAddress, destination: MacAddress): ImageContent {
  const address = '10.0.1.200' as never;
  return {
    hashKey: new Uint8Array(16),
    ourMac,
    services: [{address, protocol: 17, port: 53, group: 0 as never, affinity: 'flow'}],
    groups: [{number: 0 as never, base: new Uint16Array(binCount).fill(1), fallback: new Uint16Array(binCount)}],
    servers: [{number: 1 as never, mac: destination, dead: false}],
  };
}

async function carryOut(engine: XdpEngine, content: ImageContent, wish: Wish): Promise<object> {
  if (wish.do === 'uninstall') {
    engine.uninstall();
    return {};
  }

  if (wish.do === 'inherited') {
    return {mac: engine.inheritedMacOf(1 as never) ?? ''};
  }

  if (wish.do === 'renew') {
    const now = performance.now() as MonotonicMs;
    engine.renewLease(wish.mayForward, now, longLeaseMs, now);
    return {over: engine.isLeaseOver()};
  }

  if (wish.do === 'install') {
    for (let times = wish.times ?? 1; times > 0; times--) {
      while (engine.isSpareBusy) {
        await new Promise(resolve => setImmediate(resolve));
      }

      engine.install(content);
    }

    engine.forwardForEver();
    return {side: engine.side};
  }

  const arrays = {
    reasons: new Float64Array(32),
    servers: new Float64Array(2 * 65_536),
    services: [new Float64Array(2048), new Float64Array(2048)],
  } as const;
  engine.install(content); // Says which servers are looked at
  engine.readCounters(arrays);
  return {packets: arrays.servers[2]};
}

if (process.argv[2] !== undefined) {
  const start = JSON.parse(process.argv[2]) as Start;
  const netA = about(start.netA);
  try {
    const onStep = (step: SuccessionStep): void => {
      if (step === start.killAt) {
        process.kill(process.pid, 'SIGKILL');
      }
    };
    const engine = new XdpEngine({netA, netB: about(start.netB), bpffs: start.bpffs, onStep});
    const content = contentFor(netA.mac, start.destination);
    say({mode: engine.mode, reason: engine.reason, adopted: engine.wasAdopted, memoryBytes: engine.memoryBytes});
    for await (const line of createInterface({input: process.stdin})) {
      say(await carryOut(engine, content, JSON.parse(line) as Wish));
    }
  } catch (error) {
    say({refused: (error as Error).message});
  }
}
