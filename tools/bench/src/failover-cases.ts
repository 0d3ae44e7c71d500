import {killHolder, killLeader, leave, openCluster, restart} from './failover-cluster.ts';
import {openKeepalived} from './failover-keepalived.ts';
import {cutPower, type Run, type Stage} from './failover-stage.ts';
import type {Draw} from './random.ts';

export type StageName = 'three' | 'two' | `keepalived-${1000 | 100 | 50}`;

export type Case = {
  readonly name: string;
  readonly help: string;
  readonly stage: StageName;
  /** Runs of a quick bench; 0: not part of it. */
  readonly quickRuns: number;
  readonly run: (stage: Stage) => Promise<Run>;
};

/** A beat, or an advert: faults come at a random moment of it. */
const beatMs = 50;

const processes = ['elector', 'frame-forwarder', 'arp-announcer', 'admin-broker'];

/** In the order in which they are run and shown; those of one stage stand together. */
export const cases: readonly Case[] = [
  {
    name: 'power-cut',
    help: 'three levelers, the holder loses power',
    stage: 'three',
    quickRuns: 2,
    run: async stage => cutPower(stage, 2 * beatMs),
  },
  {name: 'holder-killed', help: 'kill -9 of all its processes', stage: 'three', quickRuns: 1, run: killHolder},
  {name: 'leader-killed', help: "kill -9 of the leader's elector", stage: 'three', quickRuns: 2, run: killLeader},
  {name: 'leave', help: 'taco leveler drain on the holder', stage: 'three', quickRuns: 1, run: leave},
  ...processes.map(
    (name): Case => ({
      name: `restart-${name}`,
      help: `${name} of the holder is restarted`,
      stage: 'three',
      quickRuns: 0,
      run: async stage => restart(stage, name),
    }),
  ),
  {
    name: 'power-cut-two',
    help: 'two levelers without a witness, the holder loses power',
    stage: 'two',
    quickRuns: 0,
    run: async stage => cutPower(stage, 2 * beatMs),
  },
  ...([1000, 100, 50] as const).map(
    (advertMs): Case => ({
      name: advertMs === 1000 ? 'keepalived-default' : `keepalived-${advertMs}ms`,
      help: `two keepalived, an advert each ${advertMs} ms, the holder loses power`,
      stage: `keepalived-${advertMs}`,
      quickRuns: advertMs === 1000 ? 1 : advertMs === 100 ? 2 : 0,
      run: async stage => cutPower(stage, advertMs),
    }),
  ),
];

/** @throws WorldError */
export async function openStage(name: StageName, draw: Draw, signal: AbortSignal): Promise<Stage> {
  switch (name) {
    case 'three':
      return openCluster(3, draw, signal);
    case 'two':
      return openCluster(2, draw, signal);
    default:
      return openKeepalived(Number(name.split('-')[1]), draw, signal);
  }
}
