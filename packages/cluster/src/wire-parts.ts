import type {Affinity} from '@tacoplex/leveling';
import type {Decoded, tacoplex} from '@tacoplex/messages';
import {type GroupNumber, ipToBytes, type LevelerId, type ServerNumber} from '@tacoplex/vocabulary';
import {
  type Key,
  keyStages,
  type Member,
  type Outcome,
  type Outsider,
  type Server,
  type ServerState,
  type Service,
} from './state.ts';
import {readAddress, readHex, readName, writeHex} from './wire-fields.ts';

type Message<Name extends 'Member' | 'Outsider' | 'Server' | 'Service' | 'Outcome' | 'Key'> = Decoded<
  InstanceType<(typeof tacoplex.state.v1)[Name]>
>;

/** In the order of their numbers on the wire. */
export const affinities = ['flow', 'client', 'port', 'ipid'] as const satisfies readonly Affinity[];
const serverStates = ['ready', 'draining', 'maintenance'] as const satisfies readonly ServerState[];

export function toMemberMessage({id, name, witness}: Member): Message<'Member'> {
  return {id, name, witness: witness === true};
}

export function fromMemberMessage({id, name, witness}: Message<'Member'>): Member {
  return {id: id as LevelerId, name, ...(witness ? {witness} : {})};
}

export function toOutsiderMessage({id, name, removed}: Outsider): Message<'Outsider'> {
  return {id, name, removed};
}

export function fromOutsiderMessage({id, name, removed}: Message<'Outsider'>): Outsider {
  return {id: id as LevelerId, name, removed};
}

export function toServerMessage({number, name, address, group, weight, state}: Server): Message<'Server'> {
  return {number, name, address: ipToBytes(address), group, weight, state: serverStates.indexOf(state)};
}

export function fromServerMessage(path: string, message: Message<'Server'>): Server {
  const {number, name, address, group, weight, state} = message;
  return {
    number: number as ServerNumber,
    name,
    address: readAddress(`${path}.address`, address),
    group: group as GroupNumber,
    weight,
    state: readName(`${path}.state`, serverStates, state),
  };
}

export function toServiceMessage({address, protocol, port, group, affinity}: Service): Message<'Service'> {
  return {address: ipToBytes(address), protocol, port, group, affinity: affinities.indexOf(affinity)};
}

export function fromServiceMessage(path: string, message: Message<'Service'>): Service {
  const {address, protocol, port, group, affinity} = message;
  return {
    address: readAddress(`${path}.address`, address),
    protocol,
    port,
    group: group as GroupNumber,
    affinity: readName(`${path}.affinity`, affinities, affinity),
  };
}

export function toOutcomeMessage({command, refusal, changes}: Outcome): Message<'Outcome'> {
  return {command: writeHex('outcome.command', command, 16), refusal, changes};
}

export function fromOutcomeMessage(path: string, {command, refusal, changes}: Message<'Outcome'>): Outcome {
  return {command: readHex(`${path}.command`, command, 16), refusal, changes: [...changes]};
}

export function toKeyMessage({fingerprint, stage, sealed}: Key): Message<'Key'> {
  return {
    fingerprint: writeHex('key.fingerprint', fingerprint, 8),
    stage: keyStages.indexOf(stage),
    sealed: sealed?.bytes ?? new Uint8Array(),
    sealedBy: sealed === undefined ? new Uint8Array() : writeHex('key.sealedBy', sealed.by, 8),
  };
}

export function fromKeyMessage(path: string, {fingerprint, stage, sealed, sealedBy}: Message<'Key'>): Key {
  return {
    fingerprint: readHex(`${path}.fingerprint`, fingerprint, 8),
    stage: readName(`${path}.stage`, keyStages, stage),
    sealed:
      sealed.length === 0 ? undefined : {bytes: Uint8Array.from(sealed), by: readHex(`${path}.sealedBy`, sealedBy, 8)},
  };
}
