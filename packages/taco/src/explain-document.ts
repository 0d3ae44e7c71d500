import {agrees, type FrameBytes} from '@tacoplex/explaining';
import {toHex} from '@tacoplex/vocabulary';
import type {Batch, Reasoned} from './reasoner.ts';
import type {ExplainedDocument} from './schemas.ts';

/** @param batch what was asked with this frame */
export function describeExplained(
  n: number,
  {bytes, length}: FrameBytes,
  {explanation, engine}: Reasoned,
  batch: Pick<Batch, 'engine' | 'silence'>,
): ExplainedDocument {
  const {verdict, reason, service, key, server} = explanation;
  const agree = agrees(explanation, engine) ?? null;
  return {
    n,
    verdict: verdict === 'unknown' ? null : verdict,
    reason,
    service: service?.name ?? null,
    bin: key?.bin ?? null,
    server: server?.name ?? null,
    mac: server?.mac ?? null,
    hash: key?.hash ?? null,
    agree,
    group: service?.group ?? null,
    affinity: service?.affinity ?? null,
    key: key === undefined ? null : toHex(key.bytes),
    cut: bytes.length < length,
    engine: batch.engine,
    engineSilentBecause: agree === null ? whyNotCompared(verdict === 'unknown', batch) : null,
    engineSaid:
      agree === false && engine !== undefined
        ? {verdict: engine.verdict, reason: engine.reason ?? null, mac: engine.destination ?? null}
        : null,
  };
}

function whyNotCompared(isCut: boolean, {engine, silence}: Pick<Batch, 'engine' | 'silence'>): string {
  if (isCut) {
    return 'the capture cut the frame within its headers';
  }

  return engine === null ? silence : `${engine} cannot try such a frame`;
}
