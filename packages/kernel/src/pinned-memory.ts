import {closeSync} from 'node:fs';
import {check} from './faults.ts';
import {libbpf} from './libbpf.ts';
import {MappedMemory} from './mapped-memory.ts';

/** Offsets in struct bpf_map_info of <linux/bpf.h>. */
const at = {valueBytes: 12, entries: 16} as const;
const infoBytes = 24;

/**
 * All entries of a pinned array that is BPF_F_MMAPABLE; each begins at a multiple of 8 bytes.
 *
 * @param isReadOnly a write ends the process
 * @throws WorldError KERNEL_REFUSED if there is none
 */
export function mapPinnedMemory(path: string, isReadOnly: boolean): MappedMemory {
  const descriptor = check(libbpf().bpf_obj_get(path), `open ${path}`);
  try {
    const info = new Uint8Array(infoBytes);
    check(libbpf().bpf_obj_get_info_by_fd(descriptor, info, Uint32Array.of(infoBytes)), `look at ${path}`);
    const view = new DataView(info.buffer);
    const strideBytes = Math.ceil(view.getUint32(at.valueBytes, true) / 8) * 8;
    return new MappedMemory(descriptor, strideBytes * view.getUint32(at.entries, true), path, {isReadOnly});
  } finally {
    closeSync(descriptor);
  }
}
