import {frameKinds, type TroubleRule} from './trouble.ts';

/** The twin of `bpf/trouble.h`: offsets and sizes in bytes. */
export const layout = {
  rule: {
    bytes: 44,
    port: 0,
    kind: 4,
    source: 8,
    hasSource: 14,
    copies: 15,
    loss: 16,
    doubling: 20,
    corruption: 24,
    delay: 28,
    also: 32,
    delayFrom: 36,
    delayTo: 40,
  },
  count: {bytes: 48},
  settings: {bytes: 24, seed: 0, ruleCount: 16, clusterPort: 20},
  held: {port: 0, delayUs: 4, length: 8, bytes: 16},
} as const;

/** What frames that have had their trouble are marked with. */
export const doneMark = 0x7461_636f;

/** Frames by what happened to them. */
export type TroubleCount = {
  readonly seen: number;
  readonly lost: number;
  readonly copied: number;
  readonly corrupted: number;
  readonly delayed: number;
  /** Were to be delayed, and were not: too long, or too many at once. */
  readonly undelayed: number;
};

/** @param indexOf the number of the interface that is a port */
export function encodeRule(rule: TroubleRule, indexOf: (port: string) => number): Uint8Array {
  const {rule: at} = layout;
  const bytes = new Uint8Array(at.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(at.port, indexOf(rule.port), true);
  view.setUint32(at.also, rule.also === undefined ? 0 : indexOf(rule.also), true);
  view.setUint32(at.kind, frameKinds.indexOf(rule.kind), true);
  if (rule.source !== undefined) {
    bytes.set(
      rule.source.split(':').map(byte => Number.parseInt(byte, 16)),
      at.source,
    );
    view.setUint8(at.hasSource, 1);
  }

  view.setUint8(at.copies, rule.copies);
  view.setUint32(at.loss, rule.loss, true);
  view.setUint32(at.doubling, rule.doubling, true);
  view.setUint32(at.corruption, rule.corruption, true);
  view.setUint32(at.delay, rule.delay, true);
  view.setUint32(at.delayFrom, rule.delayUs[0], true);
  view.setUint32(at.delayTo, rule.delayUs[1], true);
  return bytes;
}

/** @param seed 0..2^53 @param clusterPort of the levelers' datagrams */
export function encodeSettings(seed: number, ruleCount: number, clusterPort: number): Uint8Array {
  const {settings: at} = layout;
  const bytes = new Uint8Array(at.bytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(at.seed, BigInt(seed), true);
  view.setUint32(at.ruleCount, ruleCount, true);
  view.setUint16(at.clusterPort, clusterPort, true);
  return bytes;
}

export function decodeCount(bytes: Uint8Array): TroubleCount {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return fromWords(countNames.map((_, index) => Number(view.getBigUint64(8 * index, true))));
}

export function sumCounts(counts: readonly TroubleCount[]): TroubleCount {
  return fromWords(countNames.map(name => counts.reduce((sum, count) => sum + count[name], 0)));
}

const countNames = ['seen', 'lost', 'copied', 'corrupted', 'delayed', 'undelayed'] as const;

function fromWords(words: readonly number[]): TroubleCount {
  return Object.fromEntries(countNames.map((name, index) => [name, words[index] ?? 0])) as TroubleCount;
}
