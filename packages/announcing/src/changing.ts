import type {AddressState, State} from './announcing.ts';

/**
 * The state with some fields changed. Field by field: a spread of so many fields takes ten times as long, and this is
 * done several times a step.
 */
export function change(state: State, changes: Partial<State>): State {
  const copy: State = {
    settings: state.settings,
    macs: state.macs,
    sources: state.sources,
    view: state.view,
    trustedSince: state.trustedSince,
    forbiddenAt: state.forbiddenAt,
    adopted: state.adopted,
    stoppingSince: state.stoppingSince,
    stopped: state.stopped,
    servers: state.servers,
    addresses: state.addresses,
    probe: state.probe,
    reach: state.reach,
    limits: state.limits,
  };
  return Object.assign(copy, changes);
}

/** The same for what is believed of one address; the same address if that is nothing new. */
export function changeAddress(address: AddressState, changes: Partial<AddressState>): AddressState {
  const isNews = (Object.keys(changes) as (keyof AddressState)[]).some(field => address[field] !== changes[field]);
  return isNews ? Object.assign(copyOf(address), changes) : address;
}

function copyOf(address: AddressState): AddressState {
  return {
    ip: address.ip,
    net: address.net,
    index: address.index,
    holding: address.holding,
    holder: address.holder,
    turn: address.turn,
    since: address.since,
    highest: address.highest,
    lastHolder: address.lastHolder,
    vacantSince: address.vacantSince,
    rivals: address.rivals,
    sighting: address.sighting,
    steal: address.steal,
    refreshAt: address.refreshAt,
    contest: address.contest,
    defendedAt: address.defendedAt,
    neighbours: address.neighbours,
    strangers: address.strangers,
  };
}
