import {familyOf, type IpAddress, type MacAddress, type MonotonicMs} from '@tacoplex/vocabulary';
import type {AddressState, Net, Reach, Settings, SharedAddress, State} from './announcing.ts';
import {fullLimits} from './rate-limit.ts';
import {holdDownMs} from './times.ts';

const never = Number.NEGATIVE_INFINITY as MonotonicMs;

const firstReach: Reach = {
  contacts: new Map(),
  told: undefined,
  lostAt: never,
  holdDownMs: holdDownMs.least,
  backSince: undefined,
};

/**
 * Believe nothing yet: no address is held, nobody is trusted.
 *
 * @param settings IPv4 addresses only
 * @param macs ours on each net
 * @param sources ours on each net; missing: nobody is asked whether he is reached
 * @throws RangeError if an address is not IPv4: Neighbour Discovery speaks another language
 */
export function firstState(
  settings: Settings,
  macs: Readonly<Record<Net, MacAddress>>,
  sources?: Readonly<Record<Net, IpAddress>>,
): State {
  return {
    settings,
    macs,
    sources,
    view: undefined,
    trustedSince: undefined,
    forbiddenAt: never,
    adopted: false,
    stoppingSince: undefined,
    stopped: false,
    servers: [],
    addresses: settings.addresses.map(firstAddress),
    probe: undefined,
    reach: {a: firstReach, b: firstReach},
    limits: {a: fullLimits, b: fullLimits},
  };
}

function firstAddress(shared: SharedAddress): AddressState {
  if (familyOf(shared.ip) !== 'ipv4') {
    throw new RangeError(`a shared address is announced by ARP, so IPv4, not ${shared.ip}`);
  }

  return {
    ...shared,
    holding: false,
    holder: undefined,
    turn: 0,
    since: never,
    highest: 0,
    lastHolder: undefined,
    vacantSince: undefined,
    rivals: [],
    sighting: undefined,
    steal: undefined,
    refreshAt: never,
    contest: undefined,
    defendedAt: never,
    neighbours: new Map(),
    strangers: new Map(),
  };
}
