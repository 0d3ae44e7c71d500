import {setTimeout as pause} from 'node:timers/promises';
import {type ClusterStatus, followStatus, holderOf, isWhole, type Lab, shared, statusWith, taco} from '@tacoplex/lab';
import {startClients} from './clients.ts';
import {longestSilence, monotonicMs, startProbe} from './probe.ts';
import type {Tally} from './tally.ts';

const service = `http://${shared.servIp.ipv4}/`;
const workers = 4;
const sceneMs = 4000;
const drawEveryMs = 500;

/** What is happening right now, for whoever watches. */
export type Scene = {
  readonly what: string;
  readonly tally: Tally;
  readonly status: ClusterStatus;
};

/** What was seen in the whole story. */
export type Observed = {
  readonly engine: string;
  readonly tally: Tally;
  /** Servers that the cluster had at some time. */
  readonly servers: readonly string[];
  readonly crash: {
    readonly holder: string;
    readonly successor: string;
    /** Longest silence of the echo probe around the crash, ms. */
    readonly gapMs: number;
    readonly returned: boolean;
  };
  /** Longest silence, ms, while servers came and went. */
  readonly changeGapMs: number;
  readonly probe: {readonly sent: number; readonly received: number};
  readonly steps: readonly {readonly atS: number; readonly what: string}[];
};

/** Tells the watcher; called at each step and up to twice a second between. */
export type Watch = {
  readonly step: (what: string) => void;
  readonly scene: (scene: Scene) => void;
};

/**
 * The life of a cluster in half a minute: it serves, gains and loses a server, loses the leveler that holds its
 * address, and gets it back. Clients and a probe run throughout.
 */
export async function playStory(lab: Lab, watch: Watch, signal: AbortSignal): Promise<Observed> {
  const began = performance.now();
  const steps: {atS: number; what: string}[] = [];
  const step = (what: string): void => {
    steps.push({atS: Math.round((performance.now() - began) / 100) / 10, what});
    watch.step(what);
  };

  const levelers = lab.levelers.map(({name}) => name);
  let witness = levelers[0] ?? '';
  const lookFor = async <Value>(what: string, find: (status: ClusterStatus) => Value | false | undefined) =>
    statusWith(lab, witness, what, find, {signal});

  const probe = startProbe(lab, shared.servIp.ipv4);
  const clients = startClients(lab, service, workers);
  let drawnMs = 0;
  const show = (status: ClusterStatus): void => {
    if (performance.now() - drawnMs >= drawEveryMs) {
      drawnMs = performance.now();
      watch.scene({what: steps.at(-1)?.what ?? '', tally: clients.tally(), status});
    }
  };
  let stopShowing = followStatus(lab, witness, show);
  const scene = async (): Promise<unknown> => pause(sceneMs, undefined, {signal});

  try {
    step(`clients fetch ${service} through ${levelers.length} levelers from ${lab.servers.length} servers`);
    const whole = await lookFor('the cluster is whole', status => isWhole(status, levelers) && status);
    await scene();

    const changesBegan = monotonicMs();
    const added = await lab.addServer();
    await taco(lab, ['server', 'add', added.name, added.links[0]?.ipv4 ?? ''], witness);
    step(`${added.name} added`);
    await scene();

    const [, removed = ''] = lab.servers.map(({name}) => name);
    await taco(lab, ['server', 'remove', removed], witness);
    step(`${removed} removed`);
    await scene();

    const holder = await lookFor('a leveler holds the LevIP', holderOf);
    witness = levelers.find(name => name !== holder) ?? witness;
    stopShowing();
    stopShowing = followStatus(lab, witness, show);
    const crashed = monotonicMs();
    const changeGapMs = longestSilence(probe.silences, changesBegan, crashed);
    await lab.powerOff(holder);
    step(`${holder}, which holds the LevIP, loses power`);
    const successor = await lookFor('another leveler holds the LevIP', status => {
      const now = holderOf(status);
      return now !== holder && now;
    });
    step(`${successor} holds the LevIP`);
    await scene();

    const gapMs = longestSilence(probe.silences, crashed, monotonicMs());
    await lab.powerOn(holder);
    await lookFor(`${holder} is back`, status => isWhole(status, levelers));
    step(`${holder} is back with the same state`);
    await scene();

    const tally = await clients.stop();
    return {
      engine: whole.engine?.name ?? 'unknown',
      tally,
      servers: lab.servers.map(({name}) => name),
      crash: {holder, successor, gapMs, returned: true},
      changeGapMs,
      probe: await probe.stop(),
      steps,
    };
  } finally {
    stopShowing();
    await Promise.all([clients.stop(), probe.stop()]);
  }
}
