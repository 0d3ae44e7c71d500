import {type About, type Beat, type Stamp, sameStamp} from '@tacoplex/election';
import {tacoplex} from '@tacoplex/messages';
import {sameVersion, type Version} from '@tacoplex/vocabulary';
import {writeChanging, writeStanding} from './beat.ts';

const codec = tacoplex.cluster.v1.Beat;

type Encoded = {readonly beat: Beat; readonly standing: Uint8Array};

/** By what a leveler says of itself, the last beat that said it. */
const encoded = new WeakMap<About, Encoded>();

/**
 * The bytes of a beat. Number, echoes and age of the proof change twenty times a second and stand first; behind them stands the rest, encoded
 * again only when it has changed.
 */
export function encodeBeat(beat: Beat): Uint8Array {
  const last = encoded.get(beat.about);
  const standing =
    last !== undefined && isAsStanding(last.beat, beat)
      ? last.standing
      : codec.encode(writeStanding(beat) as never).finish();
  encoded.set(beat.about, {beat, standing});
  const changing = codec.encode(writeChanging(beat) as never).finish();
  const bytes = new Uint8Array(changing.length + standing.length);
  bytes.set(changing);
  bytes.set(standing, changing.length);
  return bytes;
}

/** Whether two beats with the same `about` differ in nothing but what changes with each. */
function isAsStanding(one: Beat, other: Beat): boolean {
  return (
    one.term === other.term &&
    one.role === other.role &&
    one.leader === other.leader &&
    one.leaving === other.leaving &&
    one.sound === other.sound &&
    one.asking === other.asking &&
    isAsStamp(one.held, other.held) &&
    one.kept === other.kept &&
    isAsVersion(one.committed, other.committed) &&
    isAsStamp(one.applied, other.applied) &&
    one.lineage === other.lineage &&
    one.memberCount === other.memberCount &&
    one.forks === other.forks &&
    one.edition === other.edition &&
    one.caretaking === other.caretaking &&
    one.witness === other.witness
  );
}

function isAsStamp(one: Stamp | undefined, other: Stamp | undefined): boolean {
  return one === other || sameStamp(one, other);
}

function isAsVersion(one: Version | undefined, other: Version | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && sameVersion(one, other));
}
