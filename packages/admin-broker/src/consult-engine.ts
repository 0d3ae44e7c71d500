import {WorldError} from '@tacoplex/errors';
import type {Answer, Question} from '@tacoplex/messages';
import {equalBytes, type MacAddress} from '@tacoplex/vocabulary';
import type {StateHeard} from './last-words.ts';
import {readMacs} from './read-macs.ts';

type Decisions = Answer<'forwarder.explain'>;

/** How long the engine is waited for: on a busy machine it may take seconds until it is its turn. */
export const engineMs = 10_000;

/** @throws WorldError NO_ANSWER */
export type AskEngine = (question: Question<'forwarder.explain'>) => Promise<Decisions>;

/** What the engine said. */
export type Consulted = {
  /** Empty: nothing. */
  readonly name: string;
  /** Why nothing; empty: it did. */
  readonly silence: string;
  /** One for each frame, or none at all. */
  readonly decisions: Decisions['decisions'];
  /** The servers' MAC addresses by number, as the engine has them. Undefined: not told. */
  readonly macs: ReadonlyMap<number, MacAddress> | undefined;
};

/**
 * Have the engine decide too. An answer counts only if the data path follows the state that is reasoned from.
 *
 * @param askEngine undefined: do not, because of `silence`; rejects after `engineMs`
 * @param frames addressed to 00:00:00:00:00:00 where they are ours
 */
export async function consultEngine(
  askEngine: AskEngine | undefined,
  silence: string,
  frames: readonly Uint8Array[],
  heard: StateHeard,
): Promise<Consulted> {
  if (askEngine === undefined) {
    return silent(silence);
  }

  try {
    const answer = await askEngine({frames});
    const why = whyUseless(answer, frames.length, heard);
    return why === ''
      ? {name: answer.engine, silence: '', decisions: answer.decisions, macs: readMacs(answer.servers)}
      : silent(why);
  } catch (error) {
    if (error instanceof WorldError) {
      return silent(`frame-forwarder gave no answer within ${engineMs / 1000} s`);
    }

    throw error;
  }
}

function whyUseless({refusal, digest, engine, decisions}: Decisions, count: number, heard: StateHeard): string {
  if (refusal !== '') {
    return refusal;
  }

  if (!equalBytes(digest, heard.digest)) {
    return 'the data path does not follow this state yet';
  }

  return engine === '' || decisions.length !== count ? 'frame-forwarder answered something else' : '';
}

function silent(silence: string): Consulted {
  return {name: '', silence, decisions: [], macs: undefined};
}
