import type {IpAddress, MacAddress, ServerNumber} from '@tacoplex/vocabulary';

/** How often servers are asked for their MAC addresses, ms. */
export const askingTimes = {firstRetryMs: 100, slowestRetryMs: 1000, refreshMs: 5000} as const;

/** Unanswered unicast questions after which the whole segment is asked: the server may have got another MAC address. */
const unicastTries = 3;

/** Questions in one go: no more answers at once than the ring of a capture holds. */
const mostAtOnce = 32;

export type ServerAddress = {readonly number: ServerNumber; readonly address: IpAddress};

/** Ask who has `address`: one neighbour, or the whole segment. */
export type Question = {readonly address: IpAddress; readonly mac: MacAddress | undefined};

/** Numbers of the servers that were heard, and whether their MAC address was not known before, or another one. */
export type Heard = {readonly numbers: readonly ServerNumber[]; readonly isNew: boolean};

type Neighbour = {
  readonly numbers: readonly ServerNumber[]; // Of each server with this address: one in each group
  readonly mac: MacAddress | undefined;
  readonly heardAtMs: number | undefined;
  readonly askAtMs: number;
  readonly unanswered: number;
};

/** Where the servers are on net B, and whom to ask when. Knows no clock: each event brings the time, ms, never less. */
export class Neighbours {
  #neighbours = new Map<IpAddress, Neighbour>();

  /** These servers, no others, from now on. New ones are asked for at the next `takeDue`. */
  setServers(servers: readonly ServerAddress[], nowMs: number): void {
    const next = new Map<IpAddress, Neighbour>();
    for (const {number, address} of servers) {
      const known = next.get(address) ?? this.#forgetNumbers(address) ?? unknownSince(nowMs);
      next.set(address, {...known, numbers: [...known.numbers, number]});
    }

    this.#neighbours = next;
  }

  /** Ask everybody anew: the wire was away. What is known stays in use. */
  askAll(nowMs: number): void {
    for (const [address, neighbour] of this.#neighbours) {
      this.#neighbours.set(address, {...neighbour, askAtMs: nowMs, unanswered: 0});
    }
  }

  /**
   * Somebody said, in whatever kind of ARP message, that `address` is at `mac`.
   *
   * @returns undefined if no server has this address
   */
  hear(address: IpAddress, mac: MacAddress, nowMs: number): Heard | undefined {
    const neighbour = this.#neighbours.get(address);
    if (neighbour === undefined) {
      return undefined;
    }

    const {numbers} = neighbour;
    const askAtMs = nowMs + askingTimes.refreshMs;
    this.#neighbours.set(address, {numbers, mac, heardAtMs: nowMs, askAtMs, unanswered: 0});
    return {numbers, isNew: neighbour.mac !== mac};
  }

  /** The questions that are due; they count as asked. At most 32: call again soon. */
  takeDue(nowMs: number): Question[] {
    const due: Question[] = [];
    for (const [address, neighbour] of this.#neighbours) {
      if (neighbour.askAtMs <= nowMs && due.length < mostAtOnce) {
        due.push({address, mac: neighbour.unanswered < unicastTries ? neighbour.mac : undefined});
        const unanswered = neighbour.unanswered + 1;
        this.#neighbours.set(address, {...neighbour, unanswered, askAtMs: nowMs + retryMs(unanswered)});
      }
    }

    return due;
  }

  /** When the next question is due; Infinity: there is nobody to ask. */
  get dueAtMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const {askAtMs} of this.#neighbours.values()) {
      earliest = Math.min(earliest, askAtMs);
    }

    return earliest;
  }

  /** Everything known: number, MAC address, and when the server was last heard. */
  *known(): Generator<{number: ServerNumber; mac: MacAddress; heardAtMs: number}> {
    for (const {numbers, mac, heardAtMs} of this.#neighbours.values()) {
      for (const number of mac === undefined ? [] : numbers) {
        yield {number, mac: mac as MacAddress, heardAtMs: heardAtMs ?? 0};
      }
    }
  }

  #forgetNumbers(address: IpAddress): Neighbour | undefined {
    const known = this.#neighbours.get(address);
    return known === undefined ? undefined : {...known, numbers: []};
  }
}

function unknownSince(nowMs: number): Neighbour {
  return {numbers: [], mac: undefined, heardAtMs: undefined, askAtMs: nowMs, unanswered: 0};
}

/** 100, 200, 400, 800, 1000, 1000 … */
function retryMs(unanswered: number): number {
  return Math.min(askingTimes.firstRetryMs * 2 ** (unanswered - 1), askingTimes.slowestRetryMs);
}
