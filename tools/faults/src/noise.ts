import type {Trouble} from '@tacoplex/lab';
import {calmly, claim, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

/** Rows about nets that repeat, delay and reorder what levelers say. */
export const noise: readonly Fault[] = [
  {
    row: 20,
    title: 'every message of the cluster comes two to six times',
    how: 'each datagram is doubled one to five times',
    cases: [
      {
        name: '',
        verdict: {kind: 'N'},
        play: async scene => suffer(scene, {doublingPercent: 100, copies: 5}),
      },
    ],
  },
  {
    row: 21,
    title: 'messages of the cluster are delayed and overtake each other',
    how: 'each datagram waits for a time of its own',
    cases: [
      {
        name: 'jitter 0-100 ms',
        verdict: {kind: 'N'},
        provenBy: proofs.jitter,
        play: async scene => suffer(scene, {delayMs: [0, 100]}),
      },
      {
        name: 'reordered within 500 ms',
        verdict: {kind: 'N'},
        play: async scene => suffer(scene, {delayMs: [0, 500], delayPercent: 25}),
      },
    ],
  },
];

async function suffer(scene: Scene, trouble: Trouble): Promise<Shown> {
  const beganMs = Date.now();
  await scene.trouble.make([{kind: 'cluster', ...trouble}], scene.draw(2 ** 31));
  await scene.pause(scene.isShort ? 2000 : 20_000);
  const {seen, copied, delayed} = await scene.trouble.make([]);
  const silent = scene.levelers.flatMap(leveler => scene.silences(leveler, beganMs));
  return {
    findings: [
      claim('the trouble came about', copied + delayed > 0),
      calmly(`nobody is taken for dead (${silent.length} times)`, silent.length === 0),
    ],
    figures: {datagramsCount: seen, copiedCount: copied, delayedCount: delayed},
  };
}
