import type {Net} from '@tacoplex/election';
import type {LevelerId} from '@tacoplex/vocabulary';
import type {Chance} from './chance.ts';

export type Weather = {
  /** Probability that a datagram is lost, or arrives twice, on each net. */
  loss: number;
  duplication: number;
  /** Delays are drawn anew for each, so what is sent later may arrive sooner. */
  leastDelayMs: number;
  mostDelayMs: number;
};

export const goodWeather: Weather = {loss: 0, duplication: 0, leastDelayMs: 0.1, mostDelayMs: 1};

/** What may be cut on its own: datagrams on net A, ARP there, and datagrams on net B. */
export type Lane = Net | 'arp';
const lanes: readonly Lane[] = ['a', 'b', 'arp'];

/** Net A and net B between the levelers. */
export class Network {
  readonly weather: Weather = {...goodWeather};
  readonly #cuts = new Set<number>();
  readonly #chance: Chance;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Cut what goes from one to another on a net, this direction only. */
  cut(net: Net, from: LevelerId, to: LevelerId): void {
    for (const lane of net === 'a' ? (['a', 'arp'] as const) : ([net] as const)) {
      this.block(lane, from, to);
    }
  }

  /** Cut one lane, as a filter may that lets ARP through and no multicast. */
  block(lane: Lane, from: LevelerId, to: LevelerId): void {
    this.#cuts.add(wayOf(lane, from, to));
  }

  mend(): void {
    this.#cuts.clear();
  }

  /** How many times a datagram sets out. */
  drawCopies(): number {
    const {duplication} = this.weather;
    return duplication > 0 && this.#chance.happens(duplication) ? 2 : 1;
  }

  /** After how many ms one copy of a datagram arrives; undefined: it is lost. */
  drawDelayMs(lane: Lane, from: LevelerId, to: LevelerId): number | undefined {
    const {loss, leastDelayMs, mostDelayMs} = this.weather;
    const delayMs = this.#chance.between(leastDelayMs, mostDelayMs);
    const isLost = loss > 0 && this.#chance.happens(loss);
    return isLost || this.#isCut(lane, from, to) ? undefined : delayMs;
  }

  /** How many copies arrive, of what does not wait in queues. */
  drawArrivals(lane: Lane, from: LevelerId, to: LevelerId): number {
    let arrivals = 0;
    for (let copies = this.drawCopies(); copies > 0; copies--) {
      arrivals += this.drawDelayMs(lane, from, to) === undefined ? 0 : 1;
    }

    return arrivals;
  }

  #isCut(lane: Lane, from: LevelerId, to: LevelerId): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(wayOf(lane, from, to));
  }
}

/** One number for each lane and direction; levelers are 1..64. */
function wayOf(lane: Lane, from: LevelerId, to: LevelerId): number {
  return (lanes.indexOf(lane) * 128 + from) * 128 + to;
}
