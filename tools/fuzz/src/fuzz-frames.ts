import {mangleFrame, type Random, randomFrame, randomFrom} from '@tacoplex/frames';
import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {type Difference, Twins, XdpReplica} from '@tacoplex/xdp-engine';
import {randomContent, worldOf} from './random-content.ts';

const sourceMac = macToBytes('02:00:00:00:00:b1' as MacAddress);
const framesPerContent = 5000;
const shortestFrame = 14; // The kernel runs programs on no shorter ones

export type FuzzOptions = {
  /** Frames to compare. */
  readonly count: number;
  /** 0..4294967295: the same seed, the same frames. */
  readonly seed: number;
  readonly progress: (done: number) => void;
};

export type Outcome = {
  /** Frames compared. */
  readonly compared: number;
  /** How many of each reason. */
  readonly summary: string;
  /** The first frame that is not decided alike. */
  readonly difference?: Difference;
  /** The first counter that is not as it should be. */
  readonly miscounted?: string;
};

/**
 * Compare the forwarding function in TypeScript with the loaded program until they differ, or `count` frames are done.
 *
 * @throws WorldError if the program cannot be loaded here
 */
export function fuzzFrames({count, seed, progress}: FuzzOptions): Outcome {
  const random = randomFrom(seed);
  const options = {sourceMac, isOneArm: seed % 2 === 1};
  const replica = new XdpReplica(options);
  const twins = new Twins(replica, options);
  replica.control.forwardForEver();
  try {
    let compared = 0;
    for (const frame of randomFrames(random, twins)) {
      const difference = twins.compare(frame);
      compared++;
      if (difference !== undefined) {
        return {compared, summary: twins.summary, difference};
      }

      if (compared % framesPerContent === 0) {
        progress(compared);
      }

      if (compared >= count) {
        break;
      }
    }

    const miscounted = twins.compareCounters();
    return {compared, summary: twins.summary, ...(miscounted !== undefined && {miscounted})};
  } finally {
    replica.close();
  }
}

/** Without end: a valid frame and a mangled one, by turns, under one content after the other. */
function* randomFrames(random: Random, twins: Twins): Generator<Uint8Array> {
  for (;;) {
    const content = randomContent(random);
    const world = worldOf(content);
    twins.install(content);
    let before = randomFrame(random, world);
    for (let pairs = 0; pairs < framesPerContent / 2; pairs++) {
      const frame = randomFrame(random, world);
      yield* [frame, mangleFrame(random, frame, before)].filter(({length}) => length >= shortestFrame);
      before = frame;
    }
  }
}
