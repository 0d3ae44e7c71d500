import type {Beat} from '@tacoplex/election';
import {tacoplex} from '@tacoplex/messages';
import {equalBytes, type LevelerId} from '@tacoplex/vocabulary';
import protobuf from 'protobufjs/minimal.js';
import {type In, readBeat, readChanging} from './beat.ts';

const codec = tacoplex.cluster.v1.Beat;

/** Numbers of the fields that change from beat to beat: they come first. */
const changing: ReadonlySet<number> = new Set([1, 13, 16]);

/** Senders whose last beat is remembered. */
const mostRecalled = 256;

type Recalled = {readonly bytes: Uint8Array; readonly standingAt: number; readonly beat: Beat};

/**
 * The last beat of each sender. Its second copy, on the other net, is not read again, and of the next one only what has changed: then
 * all else is the same value, not only an equal one.
 */
export class BeatRecall {
  readonly #last = new Map<LevelerId, Recalled>();

  /**
   * @param bytes kept: they must not be changed
   * @throws RangeError, Error if they are no beat
   */
  read(sender: LevelerId, bytes: Uint8Array): Beat {
    const last = this.#last.get(sender);
    if (last !== undefined && equalBytes(last.bytes, bytes)) {
      return last.beat;
    }

    const standingAt = findStanding(bytes);
    const stands = last !== undefined && equalBytes(last.bytes.subarray(last.standingAt), bytes.subarray(standingAt));
    const beat = stands
      ? {...last.beat, ...readChanging(decode(bytes.subarray(0, standingAt)))}
      : readBeat(decode(bytes));
    if (this.#last.size >= mostRecalled) {
      this.#last.clear();
    }

    this.#last.set(sender, {bytes, standingAt, beat});
    return beat;
  }
}

function decode(bytes: Uint8Array): In<'Beat'> {
  return codec.decode(bytes) as unknown as In<'Beat'>;
}

/** Where the first field begins that stands from beat to beat. @throws RangeError, Error if the fields cannot be told apart */
function findStanding(bytes: Uint8Array): number {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const at = reader.pos;
    const tag = reader.uint32();
    if (!changing.has(tag >>> 3)) {
      return at;
    }

    reader.skipType(tag & 7);
  }

  return reader.pos;
}
