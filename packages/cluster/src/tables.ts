import {binCount} from '@tacoplex/vocabulary';
import {refuse} from './wire-fields.ts';

/** @param bytes 131,072, little-endian @throws RangeError on any other length */
export function readTable(path: string, bytes: Uint8Array): Uint16Array {
  if (bytes.length !== 2 * binCount) {
    refuse(path, `a table has ${2 * binCount} bytes, not ${bytes.length}`);
  }

  const table = new Uint16Array(binCount);
  for (let bin = 0; bin < binCount; bin++) {
    table[bin] = bytes[2 * bin]! | (bytes[2 * bin + 1]! << 8);
  }

  return table;
}

/** @returns 131,072 bytes, little-endian on every machine */
export function writeTable(table: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * binCount);
  for (let bin = 0; bin < binCount; bin++) {
    bytes[2 * bin] = table[bin]!;
    bytes[2 * bin + 1] = table[bin]! >> 8;
  }

  return bytes;
}

/** The number of bins of each server, by number; 65,536 entries. */
export function countBins(table: Uint16Array): Uint32Array {
  const counts = new Uint32Array(65_536);
  for (const server of table) {
    counts[server]!++;
  }

  return counts;
}
