import {mostKeyHalves} from './flow-key.ts';
import {createPacket, type Packet} from './packet.ts';
import {reasonNumbers, type Verdict} from './reasons.ts';

/**
 * What becomes of one frame. Made once and filled anew for each frame, so that a frame costs no
 * memory; whoever wants to keep one copies it.
 */
export type Decision = {
  verdict: Verdict;
  /** Index in `reasons`. */
  reason: number;
  /** Index of the service in the image's content. -1: none was found. */
  service: number;
  /** Group of that service, 0..15. -1: no service. */
  group: number;
  /** 0..65535. -1: no key was made. */
  bin: number;
  /** Lower and upper half of the key's hash, as signed 32-bit numbers. 0 while `bin` is -1. */
  hashLow: number;
  hashHigh: number;
  /** Number of the server, 1..65535, if the verdict is `forward` or the reason `no-mac`; else 0. */
  server: number;
  /** What was read in the frame, as far as it was read. */
  readonly packet: Packet;
  /** The key as it was hashed, and its hash: working memory. */
  readonly key: Int32Array;
  readonly hash: Int32Array;
};

export function createDecision(): Decision {
  return {
    verdict: 'pass',
    reason: reasonNumbers.truncated,
    service: -1,
    group: -1,
    bin: -1,
    hashLow: 0,
    hashHigh: 0,
    server: 0,
    packet: createPacket(),
    key: new Int32Array(mostKeyHalves),
    hash: new Int32Array(2),
  };
}
