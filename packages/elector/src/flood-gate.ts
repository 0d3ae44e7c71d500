import {type Net, nets} from '@tacoplex/election';
import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';

/**
 * Datagrams a second from one leveler, and at once. Beats are 40, a large state in pieces a few thousand; opening one
 * costs some 30 us, so the worst that a key holder can do is an eighth of a core.
 */
const known = {perSecond: 4000, burst: 4096};

/** The same of all addresses of a net together that no authentic datagram has come from. */
const unknown = {perSecond: 500, burst: 500};

/** Addresses of a net that authentic datagrams came from; the one that was heard of longest ago goes first. */
const mostKnown = 256;

type Limit = typeof known;

/** Lets so many through a second, and a burst at once. */
export class TokenBucket {
  readonly #limit: Limit;
  #tokens: number;
  #atMs: number;

  constructor(limit: Limit, nowMs: number) {
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#atMs = nowMs;
  }

  /** @returns whether one more is within the limit */
  take(nowMs: number): boolean {
    const {perSecond, burst} = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) * perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < 1) {
      return false;
    }

    this.#tokens--;
    return true;
  }
}

/**
 * Bounds what a flood can cost: by net and source address before a datagram is authenticated, by sender after that.
 * Strangers of a net share one limit, so that neither many forged addresses nor many strangers are worth more than one,
 * and a flood on one net takes nothing from the other. The limit of a known address is kept for datagrams whose head
 * names a sender that was heard from there; all others count as strangers'.
 */
export class FloodGate {
  readonly #sides: Readonly<Record<Net, Side>>;
  readonly #senders = new Map<LevelerId, TokenBucket>();

  constructor(nowMs: number) {
    const [a, b] = nets.map(() => sideFrom(nowMs)) as [Side, Side];
    this.#sides = {a, b};
  }

  /**
   * Before a datagram is authenticated.
   *
   * @param claimed whom its head names; undefined: the head is not one of this cluster
   */
  admitsSource(net: Net, source: IpAddress, claimed: LevelerId | undefined, nowMs: number): boolean {
    const {known: sources, strangers, misfits} = this.#sides[net];
    if (claimed === undefined) {
      return misfits.take(nowMs);
    }

    return (sources.get(`${source} ${claimed}`) ?? strangers).take(nowMs);
  }

  /** Once a datagram is known to be authentic. */
  admitsSender(net: Net, source: IpAddress, sender: LevelerId, nowMs: number): boolean {
    bucketOf(this.#sides[net].known, `${source} ${sender}`, nowMs);
    return bucketOf(this.#senders, sender, nowMs).take(nowMs);
  }
}

/** The limits of one net. */
type Side = {
  /** By address and sender, of those that authentic datagrams came from. */
  readonly known: Map<string, TokenBucket>;
  readonly strangers: TokenBucket;
  /** Of datagrams whose head is not one of this cluster: they take nothing from those who are about to join. */
  readonly misfits: TokenBucket;
};

function sideFrom(nowMs: number): Side {
  return {known: new Map(), strangers: new TokenBucket(unknown, nowMs), misfits: new TokenBucket(unknown, nowMs)};
}

function bucketOf<Key>(buckets: Map<Key, TokenBucket>, key: Key, nowMs: number): TokenBucket {
  const bucket = buckets.get(key);
  if (bucket !== undefined) {
    return bucket;
  }

  for (const oldest of buckets.size < mostKnown ? [] : [...buckets.keys()].slice(0, 1)) {
    buckets.delete(oldest);
  }

  const made = new TokenBucket(known, nowMs);
  buckets.set(key, made);
  return made;
}
