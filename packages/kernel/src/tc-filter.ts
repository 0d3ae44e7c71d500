import {constants} from 'node:os';
import type {Program} from './bpf-object.ts';
import {check} from './faults.ts';
import {libbpf} from './libbpf.ts';
import type {Target} from './xdp-link.ts';

/** Of enum bpf_tc_attach_point of <bpf/libbpf.h>. */
const points = {ingress: 1, egress: 2} as const;

/**
 * Attach a TC program to frames that come in by an interface, or go out, until the interface goes away: no process needs
 * to hold it. Runs behind what `attachTcx` has attached. For all kernels; the interface is one of the namespace that the
 * calling thread is in.
 *
 * @throws WorldError KERNEL_REFUSED
 */
export function attachTc(program: Program, target: Target, side: keyof typeof points): void {
  const doing = `attach ${program.name} to ${target.name}`;
  const both = libbpf().bpf_tc_hook_create(hookOf(target, points.ingress | points.egress));
  if (both !== -constants.errno.EEXIST) {
    check(both, doing);
  }

  const options = new Uint8Array(32); // struct bpf_tc_opts
  const view = new DataView(options.buffer);
  view.setBigUint64(0, BigInt(options.length), true);
  view.setInt32(8, program.descriptor, true);
  check(libbpf().bpf_tc_attach(hookOf(target, points[side]), options), doing);
}

/** A struct bpf_tc_hook. */
function hookOf({index}: Target, point: number): Uint8Array {
  const hook = new Uint8Array(24);
  const view = new DataView(hook.buffer);
  view.setBigUint64(0, BigInt(hook.length), true);
  view.setInt32(8, index, true);
  view.setInt32(12, point, true);
  return hook;
}
