import {type Decoded, tacoplex} from '@tacoplex/messages';
import {ipToBytes, type LevelerId} from '@tacoplex/vocabulary';
import type {Command, Operation} from './command.ts';
import {
  fromVersionMessage,
  readAddress,
  readHex,
  readMessage,
  readName,
  refuse,
  toVersionMessage,
  type VersionMessage,
  writeHex,
} from './wire-fields.ts';
import {affinities, fromMemberMessage} from './wire-parts.ts';

type Message<Name extends Capitalize<Operation['kind']>> = Decoded<InstanceType<(typeof tacoplex.state.v1)[Name]>>;

const codec = tacoplex.state.v1.Command;

/** A command as it stands in a bus message: one operation is set. */
export type CommandMessage = {
  readonly id: Uint8Array;
  readonly ifVersion?: VersionMessage | null | undefined;
  readonly uid: number;
} & {readonly [Kind in Operation['kind']]?: OperationMessages[Kind] | null | undefined};

type OperationMessages = {readonly [Kind in Operation['kind']]: Message<Capitalize<Kind>>};

type Readers = {
  readonly [Kind in Operation['kind']]: (message: OperationMessages[Kind]) => Operation & {readonly kind: Kind};
};

/** In the order of their numbers on the wire. */
const readers: Readers = {
  addServer: ({name, address, group, weight}) => ({
    kind: 'addServer',
    name,
    address: readAddress('addServer.address', address),
    group,
    weight,
  }),
  removeServer: ({name}) => ({kind: 'removeServer', name}),
  setWeight: ({name, weight}) => ({kind: 'setWeight', name, weight}),
  addService: ({address, protocol, port, group, affinity}) => ({
    kind: 'addService',
    address: readAddress('addService.address', address),
    protocol,
    port,
    group,
    affinity: readName('addService.affinity', affinities, affinity),
  }),
  removeService: ({address, protocol, port}) => ({
    kind: 'removeService',
    address: readAddress('removeService.address', address),
    protocol,
    port,
  }),
  addGroup: ({name}) => ({kind: 'addGroup', name}),
  removeGroup: ({name}) => ({kind: 'removeGroup', name}),
  addMember: member => ({kind: 'addMember', ...fromMemberMessage(member)}),
  removeMember: ({id}) => ({kind: 'removeMember', id: id as LevelerId}),
  addKey: ({fingerprint, sealed, sealedBy, byHand}) => ({
    kind: 'addKey',
    fingerprint: readFingerprint('addKey.fingerprint', fingerprint),
    sealed: Uint8Array.from(sealed),
    sealedBy: readFingerprint('addKey.sealedBy', sealedBy),
    byHand,
  }),
  activateKey: ({fingerprint, force}) => ({
    kind: 'activateKey',
    fingerprint: readFingerprint('activateKey.fingerprint', fingerprint),
    force,
  }),
  retireKey: ({fingerprint, force}) => ({
    kind: 'retireKey',
    fingerprint: readFingerprint('retireKey.fingerprint', fingerprint),
    force,
  }),
  announceMember: ({id, name}) => ({kind: 'announceMember', id: id as LevelerId, name}),
  giveUpMembers: ({ids}) => ({kind: 'giveUpMembers', ids: ids.map(id => id as LevelerId)}),
};

const kinds = Object.keys(readers) as readonly Operation['kind'][];

/** @throws RangeError if the id is not 32 hexadecimal digits */
export function toCommandMessage({id, ifVersion, uid, operation}: Command): CommandMessage {
  return {
    id: writeHex('command.id', id, 16),
    ...(ifVersion === undefined ? {} : {ifVersion: toVersionMessage(ifVersion)}),
    uid,
    [operation.kind]: operationMessage(operation),
  };
}

function operationMessage(operation: Operation): OperationMessages[Operation['kind']] {
  const {kind: _, ...fields} = operation;
  return {
    ...fields,
    ...('address' in operation ? {address: ipToBytes(operation.address)} : {}),
    ...('fingerprint' in operation ? {fingerprint: writeFingerprint(operation.fingerprint)} : {}),
    ...('sealedBy' in operation ? {sealedBy: writeFingerprint(operation.sealedBy)} : {}),
    ...('affinity' in operation ? {affinity: affinities.indexOf(operation.affinity)} : {}),
  } as OperationMessages[Operation['kind']];
}

/** May be empty: not named. */
function readFingerprint(path: string, bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : readHex(path, bytes, 8);
}

function writeFingerprint(fingerprint: string): Uint8Array {
  return fingerprint === '' ? new Uint8Array() : writeHex('fingerprint', fingerprint, 8);
}

/** @throws RangeError with the path of what cannot be read; also unless there is exactly one operation */
export function fromCommandMessage(message: CommandMessage): Command {
  const [kind, ...others] = kinds.filter(candidate => message[candidate] !== null && message[candidate] !== undefined);
  if (kind === undefined || others.length > 0) {
    refuse('command', 'must have one operation');
  }

  return {
    id: readHex('command.id', message.id, 16),
    ...(message.ifVersion ? {ifVersion: fromVersionMessage(message.ifVersion)} : {}),
    uid: message.uid,
    operation: readers[kind](message[kind] as never),
  };
}

export function encodeCommand(command: Command): Uint8Array {
  return codec.encode(toCommandMessage(command) as never).finish();
}

/** @throws RangeError if the bytes are no such command */
export function decodeCommand(bytes: Uint8Array): Command {
  return fromCommandMessage(readMessage<CommandMessage>('command', codec, bytes));
}
