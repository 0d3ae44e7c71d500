import {closeSync} from 'node:fs';
import type {Program} from './bpf-object.ts';
import {check} from './faults.ts';
import {libbpf} from './libbpf.ts';
import type {Target} from './xdp-link.ts';

/** Of enum bpf_attach_type of <linux/bpf.h>: BPF_TCX_INGRESS, BPF_TCX_EGRESS. */
const kinds = {ingress: 46, egress: 47} as const;

/** A TC program attached to an interface. It is detached when closed, or when the process ends. */
export class TcxLink {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Attach a TC program to frames that come in by an interface, or go out. Takes a kernel from 6.6 on.
 *
 * @throws WorldError KERNEL_REFUSED
 */
export function attachTcx(program: Program, target: Target, side: keyof typeof kinds): TcxLink {
  const options = new Uint8Array(64); // struct bpf_link_create_opts
  new DataView(options.buffer).setBigUint64(0, BigInt(options.length), true);
  const descriptor = libbpf().bpf_link_create(program.descriptor, target.index, kinds[side], options);
  return new TcxLink(check(descriptor, `attach ${program.name} to ${target.name}`));
}
