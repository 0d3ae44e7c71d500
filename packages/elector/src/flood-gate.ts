import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';

/**
 * Datagrams a second from one leveler, and at once. Beats are 40, a large state in pieces a few thousand; opening one
 * costs some 30 us, so the worst that a key holder can do is an eighth of a core.
 */
const known = {perSecond: 4000, burst: 4096};

/** The same of all addresses together that no authentic datagram has come from. */
const unknown = {perSecond: 500, burst: 500};

/** Addresses that authentic datagrams came from; the one that was heard of longest ago goes first. */
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
 * Bounds what a flood can cost: by source address before a datagram is authenticated, by sender after that. Strangers
 * share one limit, so that neither many forged addresses nor many strangers are worth more than one.
 */
export class FloodGate {
  readonly #strangers: TokenBucket;
  readonly #sources = new Map<IpAddress, TokenBucket>();
  readonly #senders = new Map<LevelerId, TokenBucket>();

  constructor(nowMs: number) {
    this.#strangers = new TokenBucket(unknown, nowMs);
  }

  /** Before anything is read of a datagram. */
  admitsSource(source: IpAddress, nowMs: number): boolean {
    return (this.#sources.get(source) ?? this.#strangers).take(nowMs);
  }

  /** Once a datagram is known to be authentic. */
  admitsSender(sender: LevelerId, source: IpAddress, nowMs: number): boolean {
    bucketOf(this.#sources, source, nowMs);
    return bucketOf(this.#senders, sender, nowMs).take(nowMs);
  }
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
