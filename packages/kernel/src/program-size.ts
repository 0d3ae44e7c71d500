import type {Program} from './bpf-object.ts';
import {check} from './faults.ts';
import {libbpf} from './libbpf.ts';

/** Offsets in struct bpf_prog_info of <linux/bpf.h>. */
const at = {jitedBytes: 16, xlatedBytes: 20} as const;
const infoBytes = 24;

/** How long a program is, bytes: as the verifier has left it, 8 for each instruction; and as the CPU runs it, 0 without JIT. */
export type ProgramSize = {readonly xlatedBytes: number; readonly jitedBytes: number};

/** @throws WorldError KERNEL_REFUSED */
export function readProgramSize({name, descriptor}: Program): ProgramSize {
  const info = new Uint8Array(infoBytes);
  check(libbpf().bpf_obj_get_info_by_fd(descriptor, info, Uint32Array.of(infoBytes)), `look at program ${name}`);
  const view = new DataView(info.buffer);
  return {
    xlatedBytes: view.getUint32(at.xlatedBytes, true),
    jitedBytes: view.getUint32(at.jitedBytes, true),
  };
}
