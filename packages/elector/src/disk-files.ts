import {createHash, timingSafeEqual} from 'node:crypto';
import type {Memory} from '@tacoplex/election';
import {parseMemory, type StoredMemory} from './stored-memory.ts';

/**
 * "TacoState", a zero, the form in 2 bytes, a byte that is 1 if the state is not sound, 3 spare bytes that are 0, a SHA-256, then
 * the state. Form 2: the SHA-256 is of all the rest, what stands before it included. Form 1, which is still read, has it of
 * the state alone: there only what must be 0 can be seen to be damaged.
 */
const magic = Buffer.from('TacoState\0', 'latin1');
const form = 2;
const formerForm = 1;
const formAt = 10;
const unsoundAt = 12;
const sumAt = 16;
const headBytes = 48;

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }

  return hash.digest();
};

/** A file's content, or one clause that says why it cannot be believed. */
export type Read<T> = {readonly content: T} | {readonly fault: string};

/** Canonical bytes, and whether the process that wrote them was sound. */
export type StoredState = {readonly bytes: Uint8Array; readonly sound: Memory['sound']};

/** A canonical state as it stands in its file. */
export function packState({bytes: state, sound}: StoredState): Uint8Array {
  const head = Buffer.alloc(headBytes);
  magic.copy(head);
  head.writeUInt16BE(form, formAt);
  head.writeUInt8(sound ? 0 : 1, unsoundAt);
  sha256(head.subarray(0, sumAt), state).copy(head, sumAt);
  return Buffer.concat([head, state]);
}

/** @returns the canonical bytes, unless the file is empty, foreign, torn or of a later form */
export function unpackState(file: Buffer): Read<StoredState> {
  if (file.length === 0) {
    return {fault: 'it is empty'};
  }

  if (file.length < headBytes || !file.subarray(0, magic.length).equals(magic)) {
    return {fault: 'it is no state file'};
  }

  const [written, state] = [file.readUInt16BE(formAt), file.subarray(headBytes)];
  if (written !== form && written !== formerForm) {
    return {fault: `it has form ${written}, and this software knows forms ${formerForm} and ${form}`};
  }

  const sum = written === form ? sha256(file.subarray(0, sumAt), state) : sha256(state);
  const unsound = file.readUInt8(unsoundAt);
  const isWhole = unsound <= 1 && file.subarray(unsoundAt + 1, sumAt).every(byte => byte === 0);
  return isWhole && timingSafeEqual(sum, file.subarray(sumAt, headBytes))
    ? {content: {bytes: Uint8Array.from(state), sound: unsound === 0}}
    : {fault: 'it is torn: its checksum does not fit'};
}

/** Term, vote and committed version, as they stand in their file: JSON in one line, and its SHA-256 in the next. */
export function packMemory(memory: StoredMemory): Uint8Array {
  const line = JSON.stringify(memory);
  return Buffer.from(`${line}\n${sha256(Buffer.from(line)).toString('hex')}\n`);
}

/** @returns what was kept for this leveler of this cluster */
export function unpackMemory(
  file: Buffer,
  {cluster, leveler}: Pick<StoredMemory, 'cluster' | 'leveler'>,
): Read<Memory> {
  const [line = '', sum] = file.toString('utf8').split('\n');
  if (line === '') {
    return {fault: 'it is empty'};
  }

  if (sum !== sha256(Buffer.from(line)).toString('hex')) {
    return {fault: 'it is torn: its checksum does not fit'};
  }

  const memory = parseMemory(line);
  if (memory === undefined) {
    return {fault: 'it is of another form than this software knows'};
  }

  return memory.cluster === cluster && memory.leveler === leveler
    ? {content: memory}
    : {fault: `it is of leveler ${memory.leveler} in the cluster ${memory.cluster}`};
}
