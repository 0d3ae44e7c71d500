import {agrees, type FrameBytes} from '@tacoplex/explaining';
import {toHex} from '@tacoplex/vocabulary';
import type {Reasoned} from './reasoner.ts';
import type {ExplainedDocument} from './schemas.ts';

/** @param engineName which engine answered; null: none */
export function describeExplained(
  n: number,
  {bytes, length}: FrameBytes,
  {explanation, engine}: Reasoned,
  engineName: string | null,
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
    engine: engineName,
    engineSaid:
      agree === false && engine !== undefined
        ? {verdict: engine.verdict, reason: engine.reason ?? null, mac: engine.destination ?? null}
        : null,
  };
}
