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

/** Net A and net B between the levelers. */
export class Network {
  readonly weather: Weather = {...goodWeather};
  readonly #cuts = new Set<string>();
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
    this.#cuts.add(`${lane}${from}>${to}`);
  }

  mend(): void {
    this.#cuts.clear();
  }

  /** @returns after how many ms each copy of a datagram arrives; none: it is lost */
  carry(net: Lane, from: LevelerId, to: LevelerId): number[] {
    const {loss, duplication, leastDelayMs, mostDelayMs} = this.weather;
    const copies = duplication > 0 && this.#chance.happens(duplication) ? 2 : 1;
    const delays: number[] = [];
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = this.#chance.between(leastDelayMs, mostDelayMs);
      if (!(loss > 0 && this.#chance.happens(loss)) && !this.#isCut(net, from, to)) {
        delays.push(delayMs);
      }
    }

    return delays;
  }

  #isCut(net: Lane, from: LevelerId, to: LevelerId): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(`${net}${from}>${to}`);
  }
}
