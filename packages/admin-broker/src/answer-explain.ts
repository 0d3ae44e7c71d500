import {fromOutlineMessage} from '@tacoplex/cluster';
import {addressToUs, Explainer, type FrameBytes, fillUp, type Ground, toExplainedMessage} from '@tacoplex/explaining';
import type {Asked, Incoming, Reply} from '@tacoplex/messages';
import {type MacAddress, macFromBytes} from '@tacoplex/vocabulary';
import {type AskEngine, consultEngine} from './consult-engine.ts';
import type {PlainState, StateHeard} from './last-words.ts';
import {readMacs} from './read-macs.ts';

type ExplainAsked = NonNullable<Asked<'admin.ask'>['explain']>;
type Explained = NonNullable<NonNullable<Reply<'admin.ask'>['explain']>['frames']>[number];

export type ExplainParts = {
  readonly heard: StateHeard | undefined;
  /** What the frame-forwarder said last; it has MAC addresses too, up to a second old. */
  readonly forwarder: Incoming<'forwarder.status'> | undefined;
  /** Undefined: it cannot be asked now, and `silence` says why. */
  readonly askEngine: AskEngine | undefined;
  readonly silence: string;
};

const most = {frames: 1024, bytes: 4_194_304, frameBytes: 262_144} as const;

/** What becomes of these frames: by the reference, which needs the hash key that only the broker has, and by the engine. */
export async function answerExplain(asked: ExplainAsked, parts: ExplainParts): Promise<Reply<'admin.ask'>> {
  const {heard, askEngine} = parts;
  if (heard === undefined) {
    return {refusal: 'this leveler has no cluster state yet', advice: 'taco status says what it waits for'};
  }

  if (!isBearable(asked)) {
    return {
      refusal: `at most ${most.frames} frames of ${most.bytes} bytes in all can be asked about, each as long as it says`,
    };
  }

  const ourMac = asked.ourMac.length === 6 ? macFromBytes(asked.ourMac) : undefined;
  const frames = asked.frames.map(frame => addressToUs(frame, ourMac));
  const engine = await consultEngine(
    asked.withoutEngine ? undefined : askEngine,
    asked.withoutEngine ? 'it did not answer before' : parts.silence,
    frames.map(fillUp),
    heard,
  );
  const told = explainAll(heard.state, engine.macs ?? readMacs(parts.forwarder?.servers ?? []), frames);
  if (told === undefined) {
    return {refusal: 'the cluster state is of a kind that this admin-broker does not know', advice: 'taco version'};
  }

  return {
    explain: {
      version: heard.state.version,
      engine: engine.name,
      engineSilence: engine.silence,
      frames: told.map((frame, index) => (frame.verdict === '' ? frame : {...frame, engine: engine.decisions[index]})),
    },
  };
}

function isBearable({frames, ourMac}: ExplainAsked): boolean {
  const bytes = frames.reduce((sum, {length}) => sum + length, 0);
  return (
    frames.length <= most.frames &&
    bytes <= most.bytes &&
    frames.every(frame => frame.bytes.length <= frame.length && frame.length <= most.frameBytes) &&
    (ourMac.length === 0 || ourMac.length === 6)
  );
}

/** @returns undefined if the state has something that this version does not know */
function explainAll(
  state: PlainState,
  macs: ReadonlyMap<number, MacAddress>,
  frames: readonly FrameBytes[],
): Explained[] | undefined {
  try {
    const explainer = new Explainer(groundOf(state), macs);
    return frames.map(frame => toExplainedMessage(explainer.explain(frame)));
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }

    throw error;
  }
}

function groundOf(state: PlainState): Ground {
  const {servers, services, groups} = fromOutlineMessage(state);
  return {
    hashKey: state.hashKey,
    servers,
    services,
    groups: groups.map((group, index) => ({
      ...group,
      base: readTable(state.groups[index]?.base),
      fallback: readTable(state.groups[index]?.fallback),
    })),
  };
}

/** @param bytes 16-bit numbers, little-endian */
function readTable(bytes: Uint8Array = new Uint8Array()): Uint16Array {
  const table = new Uint16Array(bytes.length >> 1);
  for (let bin = 0; bin < table.length; bin++) {
    table[bin] = bytes[2 * bin]! | (bytes[2 * bin + 1]! << 8);
  }

  return table;
}
