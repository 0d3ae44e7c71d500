import type {Decoded} from '@tacoplex/messages';
import {tacoplex} from '@tacoplex/messages';
import {equalBytes, type GroupNumber} from '@tacoplex/vocabulary';
import {checkState} from './check-state.ts';
import type {ClusterState, Group} from './state.ts';
import {readTable, writeTable} from './tables.ts';
import {fromVersionMessage, readHex, readMessage, refuse, toVersionMessage, writeHex} from './wire-fields.ts';
import {
  fromKeyMessage,
  fromMemberMessage,
  fromOutcomeMessage,
  fromOutsiderMessage,
  fromServerMessage,
  fromServiceMessage,
  toKeyMessage,
  toMemberMessage,
  toOutcomeMessage,
  toOutsiderMessage,
  toServerMessage,
  toServiceMessage,
} from './wire-parts.ts';

const codec = tacoplex.state.v1.ClusterState;

/** A state as it stands in a bus message. */
export type StateMessage = Decoded<InstanceType<typeof codec>>;

/** What may be shown of a state: no hash key, no tables, no outcomes. */
export type Outline = Pick<ClusterState, 'cluster' | 'version' | 'members' | 'servers' | 'services'> & {
  readonly groups: readonly Pick<Group, 'number' | 'name'>[];
};

/** Canonical bytes: equal states, equal bytes. */
export function encodeState(state: ClusterState): Uint8Array {
  const message: StateMessage = {
    ...toOutlineMessage(state),
    hashKey: state.hashKey,
    groups: state.groups.map(({number, name, base, fallback}) => ({
      number,
      name,
      base: writeTable(base),
      fallback: writeTable(fallback),
    })),
    outcomes: state.outcomes.map(toOutcomeMessage),
    nextServerNumber: state.nextServerNumber,
    fork: state.fork === '' ? new Uint8Array() : writeHex('fork', state.fork, 16),
    forks: state.forks,
    keyRotation: state.keyRotation,
    keys: state.keys.map(toKeyMessage),
    outsiders: state.outsiders.map(toOutsiderMessage),
  };
  return codec.encode(message as never).finish();
}

/**
 * Read a state and check every rule that a state obeys.
 *
 * @throws RangeError with the path of what breaks a rule; also if the bytes are not the canonical ones
 */
export function decodeState(bytes: Uint8Array): ClusterState {
  const message = readMessage<StateMessage>('state', codec, bytes);
  const state: ClusterState = {
    ...fromOutlineMessage(message),
    hashKey: Uint8Array.from(message.hashKey),
    groups: message.groups.map(({number, name, base, fallback}, index) => ({
      number: number as GroupNumber,
      name,
      base: readTable(`groups[${index}].base`, base),
      fallback: readTable(`groups[${index}].fallback`, fallback),
    })),
    outcomes: message.outcomes.map((outcome, index) => fromOutcomeMessage(`outcomes[${index}]`, outcome)),
    nextServerNumber: message.nextServerNumber,
    fork: message.fork.length === 0 ? '' : readHex('fork', message.fork, 16),
    forks: message.forks,
    keyRotation: message.keyRotation,
    keys: message.keys.map((key, index) => fromKeyMessage(`keys[${index}]`, key)),
    outsiders: message.outsiders.map(fromOutsiderMessage),
  };
  checkState(state);
  return equalBytes(encodeState(state), bytes) ? state : refuse('state', 'its bytes are not the canonical ones');
}

/** What the broker may show of a state: see `Outline`. */
export function toOutlineMessage(outline: Outline): StateMessage {
  return {
    cluster: outline.cluster,
    version: toVersionMessage(outline.version),
    hashKey: new Uint8Array(),
    members: outline.members.map(toMemberMessage),
    groups: outline.groups.map(({number, name}) => ({
      number,
      name,
      base: new Uint8Array(),
      fallback: new Uint8Array(),
    })),
    servers: outline.servers.map(toServerMessage),
    services: outline.services.map(toServiceMessage),
    outcomes: [],
    nextServerNumber: 0,
    fork: new Uint8Array(),
    forks: 0,
    keyRotation: 0,
    keys: [],
    outsiders: [],
  };
}

/** @throws RangeError with the path of what cannot be read */
export function fromOutlineMessage(message: StateMessage): Outline {
  return {
    cluster: message.cluster,
    version: fromVersionMessage(message.version ?? refuse('version', 'is missing')),
    members: message.members.map(fromMemberMessage),
    groups: message.groups.map(({number, name}) => ({number: number as GroupNumber, name})),
    servers: message.servers.map((server, index) => fromServerMessage(`servers[${index}]`, server)),
    services: message.services.map((service, index) => fromServiceMessage(`services[${index}]`, service)),
  };
}
