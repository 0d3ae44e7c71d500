import {binCount, type ServerNumber} from '@tacoplex/vocabulary';

/** What a server should have of the bins. */
export type Share = {
  readonly server: ServerNumber;
  /** Relative to the others of the table; an integer from 0 on. 0: nothing. */
  readonly weight: number;
};

/** One server on the way to its quota. */
type Claim = {
  readonly server: ServerNumber;
  readonly current: number;
  /** The whole numbers on both sides of the exact share; equal if that is whole. */
  readonly lowest: number;
  readonly highest: number;
  /** What rounding down takes from the exact share, in units of 1 / total weight. */
  readonly remainder: number;
  quota: number;
};

/**
 * How many bins each server gets: its exact share, rounded up or down.
 *
 * Rounded towards `expectedCounts` where that is one of the two, so that a repeated or unrelated change moves nothing;
 * what is then missing or too much is settled by largest remainder, at no bin's cost where one can be spared. A server
 * with a weight gets 1 at least.
 *
 * @param shares in any order, no server twice, at most `bins` with a weight
 * @param currentCounts bins of each server now, by server number
 * @param bins what there is to share out; the quotas sum to it unless nobody has a weight
 * @param expectedCounts where the counts would like to be, by server number; by default where they are
 * @returns one entry for each share, in order of server number
 * @throws RangeError if a server stands there twice or is 0, a weight is no whole number, or the bins do not suffice
 */
export function quotasFor(
  shares: readonly Share[],
  currentCounts: ArrayLike<number>,
  bins: number = binCount,
  expectedCounts: ArrayLike<number> = currentCounts,
): Map<ServerNumber, number> {
  const sorted = [...shares].sort((one, other) => one.server - other.server);
  checkShares(sorted, bins);
  const claims = claimsOf(sorted, currentCounts, bins, expectedCounts);
  settle(claims, bins);
  const quotas = new Map(sorted.map(({server}) => [server, 0]));
  for (const {server, quota} of claims) {
    quotas.set(server, quota);
  }

  return quotas;
}

function checkShares(sorted: readonly Share[], bins: number): void {
  let weighted = 0;
  let previous = 0;
  for (const {server, weight} of sorted) {
    if (!Number.isInteger(server) || server <= previous || server > 65_535) {
      throw new RangeError(`server: 1..65535 and each once, not ${server}`);
    }

    if (!Number.isInteger(weight) || weight < 0 || !Number.isSafeInteger(weight * bins)) {
      throw new RangeError(`weight of server ${server}: a whole number from 0 on, not ${weight}`);
    }

    previous = server;
    weighted += weight > 0 ? 1 : 0;
  }

  if (weighted > bins) {
    throw new RangeError(`${weighted} servers cannot share ${bins} bins`);
  }
}

function claimsOf(
  sorted: readonly Share[],
  currentCounts: ArrayLike<number>,
  bins: number,
  expectedCounts: ArrayLike<number>,
): Claim[] {
  const weighted = sorted.filter(({weight}) => weight > 0);
  const small = findSmall(weighted, bins);
  const total = weighted.reduce((sum, {server, weight}) => sum + (small.has(server) ? 0 : weight), 0);
  return weighted.map(({server, weight}) => {
    const current = currentCounts[server] ?? 0;
    if (small.has(server)) {
      return {server, current, lowest: 1, highest: 1, remainder: 0, quota: 1};
    }

    const product = weight * (bins - small.size);
    const remainder = product % total;
    const lowest = (product - remainder) / total;
    const highest = remainder > 0 ? lowest + 1 : lowest;
    const quota = Math.min(Math.max(expectedCounts[server] ?? 0, lowest), highest);
    return {server, current, lowest, highest, remainder, quota};
  });
}

/** Servers whose share of what the others leave is less than one bin: they get one, and the others share the rest. */
function findSmall(weighted: readonly Share[], bins: number): ReadonlySet<ServerNumber> {
  const small = new Set<ServerNumber>();
  let total = weighted.reduce((sum, {weight}) => sum + weight, 0);
  for (const {server, weight} of [...weighted].sort((one, other) => one.weight - other.weight)) {
    if (weight * (bins - small.size) >= total) {
      break;
    }

    small.add(server);
    total -= weight;
  }

  return small;
}

/** Make the quotas sum to `bins`, by one bin for each server. */
function settle(claims: readonly Claim[], bins: number): void {
  const surplus = claims.reduce((sum, {quota}) => sum + quota, -bins);
  if (surplus < 0) {
    const raisable = claims.filter(({quota, highest}) => quota < highest);
    for (const claim of raisable.sort((one, other) => other.remainder - one.remainder).slice(0, -surplus)) {
      claim.quota++;
    }
  } else if (surplus > 0) {
    const lowerable = claims.filter(({quota, lowest}) => quota > lowest);
    for (const claim of lowerable.sort(cheapestFirst).slice(0, surplus)) {
      claim.quota--;
    }
  }
}

/** Who gives up the bin it has not got yet goes before who must give one away; then the smallest remainder. */
function cheapestFirst(one: Claim, other: Claim): number {
  const costOf = ({current, quota}: Claim): number => (current >= quota ? 1 : 0);
  return costOf(one) - costOf(other) || one.remainder - other.remainder;
}
