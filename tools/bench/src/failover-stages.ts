import {formatColumns} from './format-rows.ts';
import type {PcapRecord} from './pcap-records.ts';
import {summarize} from './statistics.ts';

/** Where the time of a failover went, one stage after the other, ms. All but the first begin where the one before ends. */
export type Stages = {
  /** From the last beat of the one that died until it died: chance. Not part of the silence. */
  readonly beatToCut: number;
  /** From its last beat until the successor holds it for silent. */
  readonly beatToSuspicion: number;
  /** Until the successor has decided to take the address. */
  readonly suspicionToGrab: number;
  /** Until its first ARP frame about the address is on the wire. Below 0: on the wire before it was in the log. */
  readonly grabToArp: number;
  /** Until the first echo is asked for that is answered: the router sends to the successor. */
  readonly arpToEcho: number;
};

/** In the order in which they happen. */
export const stageNames = [
  'beatToCut',
  'beatToSuspicion',
  'suspicionToGrab',
  'grabToArp',
  'arpToEcho',
] as const satisfies readonly (keyof Stages)[];

/** A line of a log, and when it was written. */
export type Line = {readonly atMs: number; readonly text: string};

/** What was written down of one failover. All times of the wall clock, ms. */
export type Evidence = {
  /** What passed net A: beats, and ARP. */
  readonly records: readonly PcapRecord[];
  readonly levIp: string;
  /** Who died: its name, its MAC address on net A. */
  readonly victim: {readonly name: string; readonly mac: string};
  readonly cutMs: number;
  /** When the first probe was sent that was answered again. */
  readonly answeredMs: number;
};

/** The first word of another than the victim on who has the address. */
export type Successor = {readonly mac: string; readonly atMs: number};

const etherTypeAt = 12;
const sourceAt = 6;
const arpSenderAt = 14 + 14;
const arp = 0x0806;
const ipv4 = 0x0800;
const macBytes = 6;

/** Who first told the wire, after the cut, that it has the address. @returns undefined if nobody did */
export function findSuccessor({records, levIp, victim, cutMs}: Evidence): Successor | undefined {
  const address = Buffer.from(levIp.split('.').map(Number));
  const first = records.find(
    ({atMs, frame}) =>
      atMs > cutMs &&
      frame.readUInt16BE(etherTypeAt) === arp &&
      frame.subarray(arpSenderAt, arpSenderAt + address.length).equals(address) &&
      sourceOf(frame) !== victim.mac,
  );
  return first && {mac: sourceOf(first.frame), atMs: first.atMs};
}

/**
 * Put together where the time went.
 *
 * @param logs what the successor's processes have logged
 * @returns undefined where a piece of evidence is missing
 */
export function findStages(
  evidence: Evidence,
  successor: Successor,
  logs: {readonly elector: readonly Line[]; readonly announcer: readonly Line[]},
): Stages | undefined {
  const {records, levIp, victim, cutMs, answeredMs} = evidence;
  const beatMs = records.findLast(
    ({frame}) => frame.readUInt16BE(etherTypeAt) === ipv4 && sourceOf(frame) === victim.mac,
  )?.atMs;
  const suspectedMs = firstAfter(logs.elector, cutMs, `leveler silent .*name=${victim.name}$`);
  const grabbedMs = firstAfter(logs.announcer, cutMs, `address taken address=${levIp.replaceAll('.', '\\.')} `);
  if (beatMs === undefined || suspectedMs === undefined || grabbedMs === undefined) {
    return undefined;
  }

  return {
    beatToCut: cutMs - beatMs,
    beatToSuspicion: suspectedMs - beatMs,
    suspicionToGrab: grabbedMs - suspectedMs,
    grabToArp: successor.atMs - grabbedMs,
    arpToEcho: answeredMs - successor.atMs,
  };
}

/** Lines of a log with the time that each begins with. */
export function readLines(log: string): Line[] {
  return log
    .split('\n')
    .map(line => ({atMs: Date.parse(line.split(' ')[0] ?? ''), text: line.slice(line.indexOf(' ') + 1)}));
}

/** The median of each stage over some runs; undefined if there is none. */
export function mediansOf(all: readonly Stages[]): Stages | undefined {
  return all.length === 0 ? undefined : each(name => summarize(all.map(stages => stages[name])).median);
}

/** To a thousandth. */
export function roundStages(stages: Stages): Stages {
  return each(name => Math.round(stages[name] * 1000) / 1000);
}

/** Lines of a table of medians, an empty one before; none if there are none. */
export function formatStages(cases: readonly (readonly [name: string, medians: Stages | undefined])[]): string[] {
  const rows = cases.flatMap(([name, medians]) =>
    medians === undefined ? [] : [[name, ...stageNames.map(stage => medians[stage].toFixed(1))]],
  );
  const heads = ['beat to cut', 'beat to suspicion', 'to grab', 'to first ARP', 'to first echo'];
  return rows.length === 0 ? [] : ['', formatColumns([['where it goes, medians, ms', ...heads], ...rows])];
}

function each(value: (name: keyof Stages) => number): Stages {
  return Object.fromEntries(stageNames.map(name => [name, value(name)])) as Readonly<Record<keyof Stages, number>>;
}

/** A log's times are whole milliseconds, cut off. */
function firstAfter(lines: readonly Line[], cutMs: number, pattern: string): number | undefined {
  const wanted = new RegExp(pattern);
  return lines.find(({atMs, text}) => atMs >= Math.floor(cutMs) && wanted.test(text))?.atMs;
}

function sourceOf(frame: Buffer): string {
  return [...frame.subarray(sourceAt, sourceAt + macBytes)].map(byte => byte.toString(16).padStart(2, '0')).join(':');
}
