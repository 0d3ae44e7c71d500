import {
  addressToUs,
  type EngineDecision,
  Explainer,
  type Explanation,
  type FrameBytes,
  fromDecisionMessage,
  fromExplainedMessage,
} from '@tacoplex/explaining';
import {type MacAddress, macFromBytes, macToBytes} from '@tacoplex/vocabulary';
import type {Admin} from './admin.ts';
import {Refusal} from './refusals.ts';
import type {FileState} from './state-file.ts';
import {formatPlainVersion} from './status-document.ts';

/** One frame, explained, and what the engine would do with it if that was asked. */
export type Reasoned = {readonly explanation: Explanation; readonly engine: EngineDecision | undefined};

export type Batch = {
  /** Of the state that was reasoned from; null: a file's. */
  readonly version: string | null;
  /** Which engine answered; null: none. */
  readonly engine: string | null;
  /** Why none did. */
  readonly silence: string;
  /** One for each frame, in the order asked. */
  readonly frames: readonly Reasoned[];
};

/** Whoever explains frames. @throws Refusal */
export type Reasoner = (frames: readonly FrameBytes[]) => Promise<Batch>;

/** Longer than the broker waits for the engine. */
const questionMs = 15_000;

/** Whoever waits for longer wants to know what for. */
const noteMs = 2000;

/**
 * Explains by the state in force and with the engine's word, as long as that answers: once it does not, it is left alone.
 *
 * @param writeNote tells whoever waits that this takes long
 */
export function askLeveler(admin: Admin, ourMac: MacAddress | undefined, writeNote: (line: string) => void): Reasoner {
  let silence = '';
  return async frames => {
    const question = {
      frames,
      ourMac: ourMac === undefined ? new Uint8Array() : macToBytes(ourMac),
      withoutEngine: silence !== '',
    };
    const slow = setTimeout(
      () => writeNote(`no answer yet; the engine is waited for, up to ${questionMs / 1000} s`),
      noteMs,
    );
    const {explain: answer} = await admin.ask({explain: question}, questionMs).finally(() => clearTimeout(slow));
    if (!answer || answer.frames.length !== frames.length) {
      throw new Refusal('admin-broker answered something else', 'taco version shows whether the versions differ');
    }

    silence ||= answer.engineSilence;
    return {
      version: formatPlainVersion(answer.version),
      engine: answer.engine === '' ? null : answer.engine,
      silence,
      frames: answer.frames.map(frame => ({
        explanation: fromExplainedMessage(frame),
        engine: fromDecisionMessage(frame.engine),
      })),
    };
  };
}

/**
 * Explains by a file. Servers whose MAC address it does not have are taken to have one: it is the cluster's business to
 * find those out.
 */
export function reasonFromFile({ground, macs}: FileState, ourMac: MacAddress | undefined): Reasoner {
  const assumed = ground.servers.map(({number}) => [number, macs.get(number) ?? assumedMac(number)] as const);
  const explainer = new Explainer(ground, new Map(assumed));
  return async frames => ({
    version: null,
    engine: null,
    silence: 'a file has none',
    frames: frames.map(frame => ({
      explanation: withoutAssumed(explainer.explain(addressToUs(frame, ourMac)), macs),
      engine: undefined,
    })),
  });
}

function assumedMac(server: number): MacAddress {
  return macFromBytes(Uint8Array.of(2, 0, 0, 0, server >> 8, server & 0xff));
}

function withoutAssumed(explanation: Explanation, macs: ReadonlyMap<number, MacAddress>): Explanation {
  const {server} = explanation;
  if (server === undefined || macs.has(server.number)) {
    return explanation;
  }

  const {mac: _, ...known} = server;
  return {...explanation, server: known};
}
