import type {Clock} from '@tacoplex/clock';
import type {ArpPacket} from '@tacoplex/frames';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';

/** When the whole segment is asked, ms from the first time; and for how long an answer is waited for. */
export const findingTimes = {askAfterMs: [100, 300, 700, 1100], patienceMs: 1500} as const;

/** Each is a few frames that every host of the net reads. */
const mostAtOnce = 16;

/** What became of a search: where the address is, or why that is not known. */
export type Found = {readonly mac: MacAddress} | 'nobody answers' | 'nobody could be asked' | 'too many at once';

type Search = {readonly found: Promise<Found>; readonly hear: (mac: MacAddress) => void};

/** Finds out by ARP whether anybody has an address. Several searches for one address are one. */
export class AddressFinder {
  readonly #clock: Clock;
  readonly #ask: (address: IpAddress) => boolean;
  readonly #searches = new Map<IpAddress, Search>();

  /** @param ask asks the whole segment once; @returns false if it could not be sent */
  constructor(clock: Clock, ask: (address: IpAddress) => boolean) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Resolves with the first answer, or after 1.5 s. */
  async find(address: IpAddress): Promise<Found> {
    const running = this.#searches.get(address);
    if (running === undefined && this.#searches.size >= mostAtOnce) {
      return 'too many at once';
    }

    return await (running ?? this.#begin(address)).found;
  }

  /** An answer to this leveler came in. */
  hear({senderIp, senderMac}: ArpPacket): void {
    this.#searches.get(senderIp)?.hear(senderMac);
  }

  #begin(address: IpAddress): Search {
    let isAsked = false;
    const ask = (): void => {
      isAsked = this.#ask(address) || isAsked;
    };
    let end = (_: Found): void => {};
    const found = new Promise<Found>(resolve => {
      const {askAfterMs, patienceMs} = findingTimes;
      const cancels = [
        ...askAfterMs.map(ms => this.#clock.after(ms, ask)),
        this.#clock.after(patienceMs, () => end(isAsked ? 'nobody answers' : 'nobody could be asked')),
      ];
      end = result => {
        this.#searches.delete(address);
        for (const cancel of cancels) {
          cancel();
        }

        resolve(result);
      };
    });
    const search = {found, hear: (mac: MacAddress) => end({mac})};
    this.#searches.set(address, search);
    ask();
    return search;
  }
}
