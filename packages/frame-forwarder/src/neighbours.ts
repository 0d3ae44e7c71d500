import type {IpAddress, MacAddress, ServerNumber} from '@tacoplex/vocabulary';

/** How often servers are asked for their MAC addresses, ms. */
export const askingTimes = {firstRetryMs: 100, slowestRetryMs: 1000, refreshMs: 5000} as const;

/** Unanswered unicast questions after which the whole segment is asked: the server may have got another MAC address. */
const unicastTries = 3;

/**
 * Another MAC address is heard for a server: the one it had is asked so many ms apart, and keeps it if it answers one of three
 * questions. Then nobody is asked on behalf of another for a while: each such frame would cost a question otherwise.
 */
const doubtTimes = {retryMs: 50, restMs: 1000} as const;

/** Questions in one go: no more answers at once than the ring of a capture holds. */
const mostAtOnce = 32;

export type ServerAddress = {readonly number: ServerNumber; readonly address: IpAddress};

/** Ask who has `address`: one neighbour, or the whole segment. */
export type Question = {readonly address: IpAddress; readonly mac: MacAddress | undefined};

/** What a frame has shown of a server. */
export type Heard = {
  /** Of the servers that have this MAC address from now on, or still. */
  readonly numbers: readonly ServerNumber[];
  /** It was not known before, or another one. */
  readonly isNew: boolean;
  /** Numbers of servers that keep their MAC address, since it answers, though another one was heard: this. */
  readonly twins: readonly ServerNumber[];
  readonly twin: MacAddress | undefined;
  /** Another MAC address was heard, and the one it has must be asked now. */
  readonly isDoubted: boolean;
};

/** Servers that have another MAC address from now on. */
export type Moved = Pick<Heard, 'numbers'> & {readonly mac: MacAddress};

type Neighbour = {
  readonly numbers: readonly ServerNumber[]; // Of each server with this address: one in each group
  readonly mac: MacAddress | undefined;
  readonly heardAtMs: number | undefined;
  readonly askAtMs: number;
  readonly unanswered: number;
  /** Heard for it too, and taken if `mac` does not answer. */
  readonly rival: MacAddress | undefined;
  /** Until then no other MAC address is looked into. */
  readonly restUntilMs: number;
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
      this.#neighbours.set(address, {...neighbour, askAtMs: nowMs, unanswered: 0, rival: undefined});
    }
  }

  /**
   * Somebody said, in whatever kind of ARP message, that `address` is at `mac`. Anybody can: of two the one that is known stays as
   * long as it answers.
   *
   * @returns undefined if no server has this address
   */
  hear(address: IpAddress, mac: MacAddress, nowMs: number): Heard | undefined {
    const neighbour = this.#neighbours.get(address);
    if (neighbour === undefined) {
      return undefined;
    }

    const {numbers, mac: known, rival} = neighbour;
    if (known !== undefined && known !== mac && (rival !== undefined || neighbour.unanswered < unicastTries)) {
      return this.#doubt(address, neighbour, mac, nowMs);
    }

    const askAtMs = nowMs + askingTimes.refreshMs;
    const restUntilMs = rival === undefined ? neighbour.restUntilMs : nowMs + doubtTimes.restMs;
    const heard = {numbers, mac, heardAtMs: nowMs, askAtMs, unanswered: 0, rival: undefined, restUntilMs};
    this.#neighbours.set(address, heard);
    return {numbers, isNew: known !== mac, twins: rival === undefined ? [] : numbers, twin: rival, isDoubted: false};
  }

  #doubt(address: IpAddress, neighbour: Neighbour, mac: MacAddress, nowMs: number): Heard {
    const isResting = nowMs < neighbour.restUntilMs;
    const isDoubted = neighbour.rival === undefined && !isResting;
    if (isDoubted) {
      this.#neighbours.set(address, {...neighbour, rival: mac, askAtMs: nowMs, unanswered: 0});
    }

    const twins = isResting ? neighbour.numbers : [];
    return {numbers: [], isNew: false, twins, twin: isResting ? mac : undefined, isDoubted};
  }

  /** Those whose MAC address has left three questions unanswered since another one was heard: they have that one now. */
  takeMoved(nowMs: number): Moved[] {
    const moved: Moved[] = [];
    for (const [address, neighbour] of this.#neighbours) {
      const {numbers, rival: mac, askAtMs, unanswered} = neighbour;
      if (mac !== undefined && unanswered >= unicastTries && askAtMs <= nowMs) {
        const heard = {...neighbour, mac, heardAtMs: nowMs, unanswered: 0, rival: undefined};
        this.#neighbours.set(address, {...heard, askAtMs: nowMs + askingTimes.refreshMs});
        moved.push({numbers, mac});
      }
    }

    return moved;
  }

  /** The questions that are due; they count as asked. At most 32: call again soon. After `takeMoved` of the same time. */
  takeDue(nowMs: number): Question[] {
    const due: Question[] = [];
    for (const [address, neighbour] of this.#neighbours) {
      if (neighbour.askAtMs <= nowMs && due.length < mostAtOnce) {
        due.push({address, mac: neighbour.unanswered < unicastTries ? neighbour.mac : undefined});
        const unanswered = neighbour.unanswered + 1;
        const pauseMs = neighbour.rival === undefined ? retryMs(unanswered) : doubtTimes.retryMs;
        this.#neighbours.set(address, {...neighbour, unanswered, askAtMs: nowMs + pauseMs});
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
  return {
    numbers: [],
    mac: undefined,
    heardAtMs: undefined,
    askAtMs: nowMs,
    unanswered: 0,
    rival: undefined,
    restUntilMs: Number.NEGATIVE_INFINITY,
  };
}

/** 100, 200, 400, 800, 1000, 1000 … */
function retryMs(unanswered: number): number {
  return Math.min(askingTimes.firstRetryMs * 2 ** (unanswered - 1), askingTimes.slowestRetryMs);
}
