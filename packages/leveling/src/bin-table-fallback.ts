import {binCount} from '@tacoplex/vocabulary';
import {mix} from './bin-table-order.ts';
import type {Share} from './quotas.ts';

/** Who may take bins over, ascending by server number; what belongs to one stands at the same place in each list. */
type Heirs = {
  readonly servers: readonly number[];
  readonly weights: Float64Array;
  readonly totalWeight: number;
  readonly heaviest: number;
  /** Place of each server by number, -1 if it is no heir. */
  readonly placeOf: Int32Array;
};

/** Bins that one server would leave to the others. */
type Estate = {readonly server: number; readonly bins: Uint16Array};

/** How far from its exact share an heir may stay, in bins, before the column changes for its sake. */
const tolerance = 1;

/**
 * For each bin, who takes it over if its base dies: each server's bins spread over the others by their weights.
 *
 * An entry changes only if it must: it names the base or a server without weight, or its heir has a bin or more too many.
 *
 * @param base 65,536 server numbers, 0 for nobody
 * @param shares in any order, no server twice; servers without a weight inherit nothing
 * @param previousFallback the column so far, or whatever each entry should be if it can
 * @returns 65,536 server numbers; never the bin's base; 0 only where nobody else has a weight, or the bin is nobody's
 */
export function fallbackFor(base: Uint16Array, shares: readonly Share[], previousFallback: Uint16Array): Uint16Array {
  const heirs = heirsOf(shares);
  const fallback = new Uint16Array(binCount);
  const quotas = new Int32Array(heirs.servers.length);
  for (const estate of estatesOf(base)) {
    if (settleQuotas(quotas, estate, heirs, previousFallback)) {
      bequeath(fallback, quotas, estate, heirs, previousFallback);
    }
  }

  return fallback;
}

function heirsOf(shares: readonly Share[]): Heirs {
  const weighted = shares.filter(({weight}) => weight > 0).sort((one, other) => one.server - other.server);
  const placeOf = new Int32Array(65_536).fill(-1);
  weighted.forEach(({server}, place) => {
    placeOf[server] = place;
  });
  return {
    servers: weighted.map(({server}) => server),
    weights: Float64Array.from(weighted, ({weight}) => weight),
    totalWeight: weighted.reduce((sum, {weight}) => sum + weight, 0),
    heaviest: weighted.reduce((most, {weight}) => Math.max(most, weight), 0),
    placeOf,
  };
}

/** The bins of each server, ascending; what is nobody's is left out. */
function estatesOf(base: Uint16Array): Estate[] {
  const ends = new Int32Array(65_537);
  for (let bin = 0; bin < binCount; bin++) {
    ends[base[bin]! + 1]!++;
  }

  for (let server = 0; server < 65_536; server++) {
    ends[server + 1]! += ends[server]!;
  }

  const starts = ends.slice();
  const sorted = new Uint16Array(binCount);
  for (let bin = 0; bin < binCount; bin++) {
    sorted[starts[base[bin]!]!++] = bin;
  }

  const estates: Estate[] = [];
  for (let server = 1; server < 65_536; server++) {
    if (ends[server]! < ends[server + 1]!) {
      estates.push({server, bins: sorted.subarray(ends[server], ends[server + 1])});
    }
  }

  return estates;
}

/**
 * How many of the estate's bins each heir gets: as many as it has now, if that is near enough to its share.
 *
 * @returns false if there is no heir
 */
function settleQuotas(quotas: Int32Array, estate: Estate, heirs: Heirs, previousFallback: Uint16Array): boolean {
  const {placeOf, weights, totalWeight, heaviest} = heirs;
  const own = placeOf[estate.server]!;
  const perWeight = estate.bins.length / (totalWeight - (weights[own] ?? 0));
  if (!Number.isFinite(perWeight)) {
    return false;
  }

  quotas.fill(0);
  const touched: number[] = [];
  for (const bin of estate.bins) {
    const place = placeOf[previousFallback[bin]!]!;
    if (place >= 0 && place !== own) {
      quotas[place]!++;
      touched.push(place);
    }
  }

  const exactOf = (place: number): number => (place === own ? 0 : weights[place]! * perWeight);
  const mayHaveTooFew = heaviest * perWeight >= 1 + tolerance; // Otherwise nothing at all is near enough
  const missing =
    estate.bins.length - touched.length + clamp(quotas, mayHaveTooFew ? weights.keys() : touched, exactOf, own);
  if (missing !== 0) {
    correct(quotas, missing, exactOf, mix(estate.server));
  }

  return true;
}

/** Bring quotas near enough to their exact shares. @returns how many bins that takes away, or gives if negative */
function clamp(quotas: Int32Array, places: Iterable<number>, exactOf: (place: number) => number, own: number): number {
  let taken = 0;
  for (const place of places) {
    const [exact, slack] = [exactOf(place), place === own ? 0 : tolerance];
    const quota = Math.min(Math.max(quotas[place]!, Math.floor(exact) - slack), Math.ceil(exact) + slack);
    taken += quotas[place]! - quota;
    quotas[place] = quota;
  }

  return taken;
}

/**
 * Add `missing` to the quotas (or take it away, if negative), each time where it brings one nearer to its exact share.
 * Systematic sampling: whoever is short by a third of a bin gets one in a third of all estates.
 */
function correct(quotas: Int32Array, missing: number, exactOf: (place: number) => number, draw: number): void {
  const sign = Math.sign(missing);
  const shortOf = (place: number): number => Math.max(0, sign * (exactOf(place) - quotas[place]!));
  let short = 0;
  for (let place = 0; place < quotas.length; place++) {
    short += shortOf(place);
  }

  let left = Math.abs(missing);
  let sum = draw / 2 ** 32;
  const step = left / short;
  for (let place = 0; place < quotas.length && left > 0; place++) {
    sum += shortOf(place) * step;
    const whole = Math.min(Math.floor(sum), left);
    quotas[place]! += sign * whole;
    sum -= whole;
    left -= whole;
  }

  // What rounding of the sums may have left over: one bin
  for (let place = 0; place < quotas.length && left > 0; place++) {
    if (shortOf(place) > 0) {
      quotas[place]! += sign;
      left--;
    }
  }
}

/** Give out the estate: where it was before as far as the quotas go, the rest in turns. Uses the quotas up. */
function bequeath(
  fallback: Uint16Array,
  quotas: Int32Array,
  {bins}: Estate,
  {servers, placeOf}: Heirs,
  previousFallback: Uint16Array,
): void {
  const open: number[] = [];
  for (const bin of bins) {
    const place = placeOf[previousFallback[bin]!]!;
    if (place >= 0 && quotas[place]! > 0) {
      quotas[place]!--;
      fallback[bin] = servers[place]!;
    } else {
      open.push(bin);
    }
  }

  let place = 0;
  for (const bin of open) {
    while (quotas[place]! === 0) {
      place = (place + 1) % quotas.length;
    }

    quotas[place]!--;
    fallback[bin] = servers[place]!;
    place = (place + 1) % quotas.length;
  }
}
