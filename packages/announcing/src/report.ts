import type {IpAddress, LevelerId, MacAddress, MonotonicMs} from '@tacoplex/vocabulary';
import type {Net, State} from './announcing.ts';

/** What an operator may know of one address. */
export type AddressReport = {
  readonly ip: IpAddress;
  readonly net: Net;
  readonly holder: LevelerId | undefined;
  readonly turn: number;
  readonly heldMs: number;
  readonly strangers: readonly MacAddress[];
};

export function reportOf({addresses}: State, at: MonotonicMs): AddressReport[] {
  return addresses.map(({ip, net, holder, turn, since, strangers}) => ({
    ip,
    net,
    holder,
    turn,
    heldMs: holder === undefined ? 0 : Math.max(0, at - since),
    strangers: [...strangers.keys()],
  }));
}
