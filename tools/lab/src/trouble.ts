import {ConfigError} from '@tacoplex/errors';
import type {Host, LabPlan, Wire} from './plan.ts';

/** `cluster`: what levelers say to each other by UDP; `arp`: ARP and Neighbour Discovery; `data`: everything else. */
export const frameKinds = ['all', 'cluster', 'arp', 'data'] as const;
export type FrameKind = (typeof frameKinds)[number];

/** What happens to some frames of a wire, on their way from one host to another. What is left out does not happen. */
export type Trouble = {
  /** Default: net A and net B. */
  readonly wires?: readonly Wire[];
  /** Who sent the frame on this wire; default: anybody. */
  readonly from?: string;
  /** Whom it reaches; default: everybody. */
  readonly to?: string;
  /** Default: all. */
  readonly kind?: FrameKind;
  /** Chance of each frame to be lost, 0..100. */
  readonly lossPercent?: number;
  /** Chance of each frame to come more than once, 0..100. */
  readonly doublingPercent?: number;
  /** A frame that does comes this many times more, at most: each number from 1 on is as likely. 1..8, default 1. */
  readonly copies?: number;
  /** Chance of each frame to have a bit turned, behind its Ethernet header, 0..100. */
  readonly corruptionPercent?: number;
  /** A copy of each frame also reaches the same host on this wire. Whoever is not on it is left alone. */
  readonly alsoOn?: Wire;
  /** Each frame that is delayed waits for a time of its own in this range, 0..60,000 ms: a wide one changes the order. */
  readonly delayMs?: readonly [least: number, most: number];
  /** Chance of each frame to be delayed, 0..100, default 100. Its copies have the same chance, each for itself. */
  readonly delayPercent?: number;
};

/** One trouble, on one port of a bridge. */
export type TroubleRule = {
  /** The bridge's end of the cable of whoever is reached. */
  readonly port: string;
  readonly kind: FrameKind;
  /** MAC address of the sender's interface. */
  readonly source: string | undefined;
  readonly copies: number;
  /** A port that gets a copy. */
  readonly also: string | undefined;
  /** Chances in millionths. */
  readonly loss: number;
  readonly doubling: number;
  readonly corruption: number;
  readonly delay: number;
  readonly delayUs: readonly [least: number, most: number];
};

/** As the program that carries it out can hold. */
const mostRules = 128;

/** Nothing gets from one host to the other. */
export const cut = {lossPercent: 100} as const;

/**
 * What a list of troubles comes to. For each frame the first trouble counts that fits it.
 *
 * @throws ConfigError USAGE for a host that is not on any of the wires, a number out of its range, or too much of it
 */
export function planTrouble(plan: LabPlan, troubles: readonly Trouble[]): TroubleRule[] {
  const rules = troubles.flatMap(trouble => rulesOf(plan, trouble));
  if (rules.length > mostRules) {
    throw new ConfigError(`that is trouble for ${rules.length} ports; at most ${mostRules}`, {code: 'USAGE'});
  }

  return rules;
}

/** Two groups of hosts that hear nothing of each other; what has no place in either hears both. */
export function partition(
  one: readonly string[],
  other: readonly string[],
  where: Pick<Trouble, 'wires' | 'kind'> = {},
): Trouble[] {
  return one.flatMap(left =>
    other.flatMap(right => [
      {...where, ...cut, from: left, to: right},
      {...where, ...cut, from: right, to: left},
    ]),
  );
}

function rulesOf(plan: LabPlan, trouble: Trouble): TroubleRule[] {
  const wires = trouble.wires ?? ['net-a', 'net-b'];
  const effects = effectsOf(trouble);
  const rules = wires.flatMap(wire => {
    const sources = trouble.from === undefined ? [undefined] : macsOf(plan, trouble.from, wire);
    const ports = portsOf(plan, trouble, wire);
    return sources.flatMap(source => ports.map(({port, also}) => ({port, also, source, ...effects})));
  });
  if (rules.length === 0) {
    const who = [trouble.from, trouble.to].filter(name => name !== undefined).join(' and ');
    throw new ConfigError(`no trouble on ${wires.join(' and ')}: ${who || 'nobody'} is not there`, {code: 'USAGE'});
  }

  return rules;
}

/** Of whom it reaches on a wire; where copies go to another wire, of those who are there too. */
function portsOf(plan: LabPlan, {to, alsoOn}: Trouble, wire: Wire): Pick<TroubleRule, 'port' | 'also'>[] {
  const reached = hostsOf(plan, to).flatMap(({links}) => {
    const also = links.find(link => link.wire === alsoOn)?.port;
    return links.filter(link => link.wire === wire).map(({port}) => ({port, also}));
  });
  return alsoOn === undefined ? reached : reached.filter(({also}) => also !== undefined);
}

function effectsOf(trouble: Trouble): Omit<TroubleRule, 'port' | 'also' | 'source'> {
  const {kind = 'all', copies = 1, delayMs = [0, 0], delayPercent = 100} = trouble;
  const [least, most] = delayMs;
  checkRange('copies', copies, 1, 8);
  checkRange('delay', least, 0, most);
  checkRange('delay', most, 0, 60_000);
  return {
    kind,
    copies,
    loss: millionths('loss', trouble.lossPercent),
    doubling: millionths('doubling', trouble.doublingPercent),
    corruption: millionths('corruption', trouble.corruptionPercent),
    delay: most === 0 ? 0 : millionths('delay', delayPercent),
    delayUs: [Math.round(least * 1000), Math.round(most * 1000)],
  };
}

function millionths(what: string, percent = 0): number {
  checkRange(what, percent, 0, 100);
  return Math.round(percent * 10_000);
}

function checkRange(what: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) {
    throw new ConfigError(`${what}: ${least}..${most}, not ${value}`, {code: 'USAGE'});
  }
}

function macsOf(plan: LabPlan, host: string, wire: Wire): string[] {
  return hostsOf(plan, host).flatMap(({links}) => links.filter(link => link.wire === wire).map(({mac}) => mac));
}

/** @throws ConfigError USAGE if there is no such host */
function hostsOf({hosts, options}: LabPlan, name?: string): readonly Host[] {
  const found = hosts.filter(host => name === undefined || host.name === name);
  if (found.length === 0) {
    const names = hosts.map(host => host.name).join(' ');
    throw new ConfigError(`lab "${options.name}" has no host "${name}"; it has: ${names}`, {code: 'USAGE'});
  }

  return found;
}
