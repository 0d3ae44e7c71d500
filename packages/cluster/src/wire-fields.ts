import {fromHex, type IpAddress, ipFromBytes, type LevelerId, toHex, type Version} from '@tacoplex/vocabulary';

/** @throws RangeError that begins with `path` */
export function refuse(path: string, why: string): never {
  throw new RangeError(`${path}: ${why}`);
}

/** @throws RangeError unless there are 4 or 16 bytes */
export function readAddress(path: string, bytes: Uint8Array): IpAddress {
  return bytes.length === 4 || bytes.length === 16
    ? ipFromBytes(bytes)
    : refuse(path, `an address has 4 or 16 bytes, not ${bytes.length}`);
}

/** @returns two digits for each byte @throws RangeError unless there are exactly `length` bytes */
export function readHex(path: string, bytes: Uint8Array, length: number): string {
  return bytes.length === length ? toHex(bytes) : refuse(path, `needs ${length} bytes, not ${bytes.length}`);
}

/** @throws RangeError unless `text` is hexadecimal digits for `length` bytes */
export function writeHex(path: string, text: string, length: number): Uint8Array {
  const bytes = fromHex(text);
  return bytes?.length === length ? bytes : refuse(path, `needs ${2 * length} hexadecimal digits`);
}

/** @throws RangeError if `names` has nothing at `index`: an enumeration's value that this software does not know */
export function readName<Name extends string>(path: string, names: readonly Name[], index: number): Name {
  return names[index] ?? refuse(path, `${index} has no meaning here`);
}

/** @throws RangeError if the bytes are no such message, whatever the decoder throws */
export function readMessage<Message>(
  what: string,
  codec: {decode(bytes: Uint8Array): object},
  bytes: Uint8Array,
): Message {
  try {
    return codec.decode(bytes) as Message;
  } catch (cause) {
    throw new RangeError(`${what}: its bytes cannot be read`, {cause});
  }
}

export type VersionMessage = {
  readonly term: number;
  readonly leader: number;
  readonly nonce: Uint8Array;
  readonly index: number;
};

/** @throws RangeError if the nonce is not 16 hexadecimal digits */
export function toVersionMessage({term, leader, nonce, index}: Version): VersionMessage {
  return {term, leader, nonce: writeHex('version.nonce', nonce, 8), index};
}

/** @throws RangeError if this names no state: term, leader or index is 0, or the nonce has not 8 bytes */
export function fromVersionMessage({term, leader, nonce, index}: VersionMessage): Version {
  if (term < 1 || index < 1 || leader < 1 || leader > 65_535) {
    refuse('version', 'term and index begin at 1, leader is 1..65535');
  }

  return {term, leader: leader as LevelerId, nonce: readHex('version.nonce', nonce, 8), index};
}
