import type {IpAddress, LevelerId, MonotonicMs} from '@tacoplex/vocabulary';
import type {View} from './announcing.ts';
import {calmMs, holdDownMs, later} from './times.ts';

/**
 * Levelers try each other: a ping walks the way of clients' frames through another leveler, and is looked for where it
 * must come out.
 *
 * - there: an echo request to a ServIP, sent to the leveler's MAC address on net A. Its data path sends it to a server; the
 *   answer comes back through whoever holds the server's gateway.
 * - back: an echo answer as a server would send it, from a ServIP to us, sent to the leveler's MAC address on net B. Its
 *   kernel routes it to net A.
 *
 * There is no timer: all is done when the elector's word comes, four times a second.
 */
export type Half = 'there' | 'back';
export const halves = ['there', 'back'] as const;

/** One ping. */
export type Trial = {
  readonly half: Half;
  readonly through: LevelerId;
  readonly servIp: IpAddress;
  /** 1..65535, round and round. */
  readonly number: number;
  readonly sentAt: MonotonicMs;
};

/** One half of the way through one leveler. */
type Path = {
  readonly half: Half;
  readonly through: LevelerId;
  /** Unanswered in a row. */
  readonly lost: number;
  /** When the first of those was sent, and to which ServIP. */
  readonly lostSince: MonotonicMs;
  readonly lostServIp: IpAddress | undefined;
  readonly answeredAt: MonotonicMs;
  readonly fails: boolean;
  readonly failedAt: MonotonicMs;
  readonly holdDownMs: number;
  /** Since when one that fails has been answered again; undefined: it has not. */
  readonly backSince: MonotonicMs | undefined;
};

/** Replaced by each step, never changed in place. */
export type Trials = {
  readonly nextAt: MonotonicMs;
  /** Counts the regular trials. */
  readonly turn: number;
  readonly lastNumber: number;
  /** How much is lost on the way through those that do not fail, 0..1. */
  readonly lossRate: number;
  readonly waiting: readonly Trial[];
  readonly paths: ReadonlyMap<string, Path>;
  /** ServIPs that nobody gets answers from are not tried until then, nor, by the word itself, the way back. */
  readonly muteUntil: ReadonlyMap<IpAddress | 'back', MonotonicMs>;
};

/** What the trials depend on. */
export type Surroundings = {
  readonly self: LevelerId;
  readonly view: View;
  /** IPv4 addresses of services. */
  readonly servIps: readonly IpAddress[];
  /** Whether answers go through levelers: the config names gateways. */
  readonly isRouted: boolean;
  /** Whether this leveler hears all it asks by ARP, and no flood: else it may be a server, or itself, that pings are lost by. */
  readonly isClear: boolean;
};

/** Through whom pings come out, and through whom they do not although they do through others. */
export type Tried = Readonly<
  Record<Half, {readonly passes: readonly LevelerId[]; readonly fails: readonly LevelerId[]}>
>;

const never = Number.NEGATIVE_INFINITY as MonotonicMs;

/** For four levelers or fewer; with more, each tries less often. */
const tryEveryMs = 3000;
const oftenFor = 4;

const answerWithinMs = 200;

/**
 * So many in a row are unanswered by chance once in ten million times, if one in `lossRate` is: never fewer than three.
 * A ping crosses four wires, so one that loses 5 % of all frames loses 19 % of pings.
 */
const chance = 1e-7;
const leastLost = 3;
const mostLost = 12;

/** How much of the rate one more ping is, and what it is believed to be before the first. */
const weight = 1 / 32;
const firstLossRate = 0.2;

/** So many more, and nobody has passed either. */
const giveUpAfter = 3;
const muteMs = 60_000;

/** What passed so long ago says nothing of now. */
const freshMs = 60_000;

const mostNumber = 65_535;

export const firstTrials: Trials = {
  nextAt: never,
  turn: 0,
  lastNumber: 0,
  lossRate: firstLossRate,
  waiting: [],
  paths: new Map(),
  muteUntil: new Map(),
};

/**
 * When there is something to do: whoever tries again and again need not look before. It is the same until `hearTrial` or `tryPaths`
 * changes the trials.
 */
export function trialsAt({nextAt, waiting, paths}: Trials): MonotonicMs {
  const isInDoubt = [...paths.values()].some(({lost, fails}) => lost > 0 && !fails);
  return isInDoubt || waiting.length > 0 ? never : nextAt;
}

/** The elector's word came: find out what was lost, and try again. @returns what to send */
export function tryPaths(trials: Trials, around: Surroundings, at: MonotonicMs): readonly [Trials, readonly Trial[]] {
  const judged = judge(takeLosses(trials, at), around, at);
  const wanted = doubted(judged, around) ?? regular(judged, around, at);
  if (wanted === undefined) {
    return [judged, []];
  }

  const sent = wanted.trials.map((trial, index) => ({
    ...trial,
    number: numberAfter(judged.lastNumber, index + 1),
    sentAt: at,
  }));
  const lastNumber = sent.at(-1)?.number ?? judged.lastNumber;
  return [{...judged, ...wanted.next, lastNumber, waiting: [...judged.waiting, ...sent]}, sent];
}

/** A ping came out. @param number of a trial; one that nobody waits for any more is nothing */
export function hearTrial(trials: Trials, number: number, at: MonotonicMs): Trials {
  const found = trials.waiting.find(trial => trial.number === number);
  if (found === undefined) {
    return trials;
  }

  const waiting = trials.waiting.filter(trial => trial !== found);
  const path = pathOf(trials, found.half, found.through);
  const backSince = path.fails ? (path.backSince ?? at) : undefined;
  const isBack = backSince !== undefined && at >= later(backSince, path.holdDownMs);
  const answered = {
    ...path,
    lost: 0,
    answeredAt: at,
    fails: path.fails && !isBack,
    backSince: isBack ? undefined : backSince,
  };
  const lossRate = path.fails ? trials.lossRate : rateAfter(trials.lossRate, path.lost);
  return withPath({...trials, waiting, lossRate}, answered);
}

/** Losses count once an answer has come through the same leveler: until then they may be its own. */
function rateAfter(rate: number, lost: number): number {
  return Array.from({length: lost}, () => 1).reduce((all, one) => all + (one - all) * weight, rate * (1 - weight));
}

/** How many in a row are no chance any more, though the rate be two standard deviations above what was seen. */
function lostLimit({lossRate}: Trials): number {
  const deviation = Math.sqrt((lossRate * (1 - lossRate) * weight) / 2);
  const most = Math.min(0.5, lossRate + 2 * deviation);
  return Math.min(mostLost, Math.max(leastLost, Math.ceil(Math.log(chance) / Math.log(most))));
}

/** What is to be told to the others. */
export function triedOf({paths}: Trials, at: MonotonicMs): Tried {
  const of = (half: Half) => {
    const some = [...paths.values()].filter(path => path.half === half);
    const idsOf = (isMeant: (path: Path) => boolean) =>
      some
        .filter(isMeant)
        .map(({through}) => through)
        .sort((a, b) => a - b);
    return {
      passes: idsOf(path => !path.fails && path.lost === 0 && isFresh(path, at)),
      fails: idsOf(path => path.fails),
    };
  };
  return {there: of('there'), back: of('back')};
}

function takeLosses(trials: Trials, at: MonotonicMs): Trials {
  const late = trials.waiting.filter(({sentAt}) => at >= later(sentAt, answerWithinMs));
  const waiting = late.length === 0 ? trials.waiting : trials.waiting.filter(trial => !late.includes(trial));
  return late.reduce<Trials>(
    (all, {half, through, servIp, sentAt}) => {
      const path = pathOf(all, half, through);
      const first = path.lost === 0 ? {lostSince: sentAt, lostServIp: servIp} : {};
      return withPath(all, {...path, ...first, lost: path.lost + 1, backSince: undefined});
    },
    {...trials, waiting},
  );
}

/** Whose pings are lost fails if they come out through another, or did so through it as long as it was the only one to try. */
function judge(trials: Trials, around: Surroundings, at: MonotonicMs): Trials {
  const ids = new Set(targetsOf(around).map(({id}) => id));
  const limit = lostLimit(trials);
  let next: Trials = {...trials, paths: new Map([...trials.paths].filter(([, {through}]) => ids.has(through)))};
  for (const path of next.paths.values()) {
    if (path.fails || path.lost < limit) {
      continue;
    }

    const others = [...next.paths.values()].filter(({half, through}) => half === path.half && through !== path.through);
    const isElsewhere = others.some(({answeredAt}) => answeredAt >= path.lostSince);
    const isOnly = ids.size === 1 && isFresh(path, at) && around.isClear;
    const isOver = path.lost >= limit + giveUpAfter;
    next = isElsewhere || isOnly ? withPath(next, fail(path, at)) : isOver ? giveUp(next, path, at) : next;
  }

  return next;
}

function fail(path: Path, at: MonotonicMs): Path {
  const isCalm = at - path.failedAt > path.holdDownMs + calmMs;
  const doubled = Math.min(2 * path.holdDownMs, holdDownMs.most);
  return {...path, fails: true, failedAt: at, holdDownMs: isCalm ? holdDownMs.least : doubled, backSince: undefined};
}

/** Nobody got an answer: that says nothing of anybody. A server may answer no pings. */
function giveUp(trials: Trials, {half, lostServIp}: Path, at: MonotonicMs): Trials {
  const forgiven = (path: Path): Path => (path.half === half && !path.fails ? {...path, lost: 0} : path);
  const paths = [...trials.paths].map(([key, path]) => [key, forgiven(path)] as const);
  const mute = half === 'there' && lostServIp !== undefined ? lostServIp : 'back';
  const muteUntil = new Map([...trials.muteUntil, [mute, later(at, muteMs)] as const]);
  return {...trials, paths: new Map(paths), muteUntil};
}

type Wanted = {readonly trials: readonly Omit<Trial, 'number' | 'sentAt'>[]; readonly next: Partial<Trials>};

/** Through whom a ping did not come out is tried again as soon as that is known, and another one beside it, with the same address. */
function doubted({paths, turn, waiting}: Trials, around: Surroundings): Wanted | undefined {
  const isAsked = (path: Path): boolean =>
    waiting.some(({half, through}) => half === path.half && through === path.through);
  const doubt = [...paths.values()].find(path => path.lost > 0 && !path.fails && !isAsked(path));
  if (doubt?.lostServIp === undefined) {
    return undefined;
  }

  const {half, through, lost, lostServIp: servIp} = doubt;
  const others = targetsOf(around).filter(({id}) => id !== through);
  const other = others[(turn + lost) % Math.max(1, others.length)];
  const ids = other === undefined ? [through] : [through, other.id];
  return {trials: ids.map(id => ({half, through: id, servIp})), next: {}};
}

/** Holders are tried every other time, all levelers in turn the other times. */
function regular(trials: Trials, around: Surroundings, at: MonotonicMs): Wanted | undefined {
  const targets = targetsOf(around);
  if (at < trials.nextAt || targets.length === 0 || around.servIps.length === 0) {
    return undefined;
  }

  const turn = trials.turn + 1;
  const isMute = (what: IpAddress | 'back'): boolean => at < (trials.muteUntil.get(what) ?? never);
  const there = pick(
    around.servIps.filter(servIp => !isMute(servIp)),
    turn,
  );
  const back = around.isRouted && !isMute('back') ? pick(around.servIps, turn) : undefined;
  const {id: through} = choose(targets, turn);
  const chosen = [
    ...(there === undefined ? [] : [{half: 'there', through, servIp: there} as const]),
    ...(back === undefined ? [] : [{half: 'back', through, servIp: back} as const]),
  ];
  const everyMs = tryEveryMs * Math.max(1, (targets.length + 1) / oftenFor);
  return {trials: chosen, next: {turn, nextAt: later(at, everyMs)}};
}

type Target = View['peers'][number];

function choose(targets: readonly Target[], turn: number): Target {
  const holders = targets.filter(({claims}) => claims.some(({holding}) => holding));
  const among = turn % 2 === 0 && holders.length > 0 ? holders : targets;
  return among[(turn >> 1) % among.length] as Target;
}

function pick<T>(list: readonly T[], turn: number): T | undefined {
  return list[turn % Math.max(1, list.length)];
}

/** Those that may hold addresses, this leveler excepted. */
function targetsOf({self, view}: Surroundings): readonly Target[] {
  return view.peers.filter(
    ({id, member, live, leaving, macs}) =>
      id !== self && member && live && !leaving && macs.a !== undefined && macs.b !== undefined,
  );
}

function isFresh({answeredAt}: Path, at: MonotonicMs): boolean {
  return at - answeredAt < freshMs;
}

function numberAfter(last: number, count: number): number {
  return ((last + count - 1) % mostNumber) + 1;
}

function pathOf({paths}: Trials, half: Half, through: LevelerId): Path {
  return (
    paths.get(keyOf(half, through)) ?? {
      half,
      through,
      lost: 0,
      lostSince: never,
      lostServIp: undefined,
      answeredAt: never,
      fails: false,
      failedAt: never,
      holdDownMs: holdDownMs.least,
      backSince: undefined,
    }
  );
}

function withPath(trials: Trials, path: Path): Trials {
  return {...trials, paths: new Map([...trials.paths, [keyOf(path.half, path.through), path]])};
}

function keyOf(half: Half, through: LevelerId): string {
  return `${half} ${through}`;
}
