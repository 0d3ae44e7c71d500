import {type Decoded, type HeardBy, type Incoming, tacoplex} from '@tacoplex/messages';
import type {MonotonicMs} from '@tacoplex/vocabulary';

const {ClusterState} = tacoplex.state.v1;

/** The cluster state as its message has it. The elector has checked it; here it is only shown. */
export type PlainState = Decoded<ReturnType<typeof ClusterState.decode>>;

/** The state in force on this leveler, bin tables included. */
export type StateHeard = {readonly state: PlainState; readonly digest: Uint8Array};

type Words = {readonly [T in HeardBy<'admin-broker'>]: T extends 'elector.state' ? StateHeard : Incoming<T>};

/** The last message of each topic, and when it came. A topic that was never heard is missing. */
export type LastWords = {readonly [T in keyof Words]?: {readonly message: Words[T]; readonly at: MonotonicMs}};

/** @throws RangeError or Error if the bytes are no state */
export function readState({state, digest}: Incoming<'elector.state'>): StateHeard {
  return {state: ClusterState.decode(state) as PlainState, digest};
}
