import {check} from './faults.ts';
import {libbpf} from './libbpf.ts';

const infoBytes = 256;

/** The parts of struct bpf_prog_info and struct bpf_link_info that stand at the same place in both, and a link's. */
export type Info = {
  readonly id: number;
  /** Of a link: the program that is attached. */
  readonly programId: number;
  /** Of an XDP link; 0: the interface is gone. */
  readonly interfaceIndex: number;
};

/** @throws WorldError KERNEL_REFUSED */
export function readInfo(descriptor: number, what: string): Info {
  const info = new Uint8Array(infoBytes);
  check(libbpf().bpf_obj_get_info_by_fd(descriptor, info, Uint32Array.of(infoBytes)), `look at ${what}`);
  const view = new DataView(info.buffer);
  return {
    id: view.getUint32(4, true),
    programId: view.getUint32(8, true),
    interfaceIndex: view.getUint32(16, true),
  };
}
