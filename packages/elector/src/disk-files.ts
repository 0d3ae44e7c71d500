import {createHash, timingSafeEqual} from 'node:crypto';
import type {Memory} from '@tacoplex/election';
import {parseMemory, type StoredMemory} from './stored-memory.ts';

/** "TacoState", a zero, form 1 in 2 bytes, a byte that is 1 if the state is not sound, 3 spare bytes, then the SHA-256 of the state. */
const magic = Buffer.from('TacoState\0', 'latin1');
const form = 1;
const unsoundAt = 12;
const headBytes = 48;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** A file's content, or one clause that says why it cannot be believed. */
export type Read<T> = {readonly content: T} | {readonly fault: string};

/** Canonical bytes, and whether the process that wrote them was sound. */
export type StoredState = {readonly bytes: Uint8Array; readonly sound: Memory['sound']};

/** A canonical state as it stands in its file. */
export function packState({bytes: state, sound}: StoredState): Uint8Array {
  const head = Buffer.alloc(headBytes);
  magic.copy(head);
  head.writeUInt16BE(form, 10);
  head.writeUInt8(sound ? 0 : 1, unsoundAt);
  sha256(state).copy(head, 16);
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

  if (file.readUInt16BE(10) !== form) {
    return {fault: `it has form ${file.readUInt16BE(10)}, and this software knows form ${form}`};
  }

  const state = file.subarray(headBytes);
  return timingSafeEqual(sha256(state), file.subarray(16, headBytes))
    ? {content: {bytes: Uint8Array.from(state), sound: file.readUInt8(unsoundAt) === 0}}
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
