import {closeSync} from 'node:fs';
import {constants} from 'node:os';
import {WorldError} from '@tacoplex/errors';
import type {Program} from './bpf-object.ts';
import {check, errorName, refusal} from './faults.ts';
import {libbpf} from './libbpf.ts';
import {readInfo} from './read-info.ts';

/** In the driver, before the kernel has made anything of a frame; or behind that, for any driver, several times slower. */
export type XdpMode = 'native' | 'generic';

const xdp = 37; // BPF_XDP of enum bpf_attach_type
const modeFlags = {generic: 1 << 1, native: 1 << 2} as const; // XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE

/** What a program can be attached to. `mtu`: bytes of the largest IP packet, if it is known. */
export type Target = {readonly name: string; readonly index: number; readonly mtu?: number};

/** A program attached to an interface. Unless pinned it is detached when closed, or when the process ends. */
export class XdpLink {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** The program attached. */
  get programId(): number {
    return readInfo(this.#descriptor, 'XDP link').programId;
  }

  /** 0: the interface is gone. */
  get interfaceIndex(): number {
    return readInfo(this.#descriptor, 'XDP link').interfaceIndex;
  }

  /** @throws WorldError KERNEL_REFUSED */
  pin(path: string): void {
    check(libbpf().bpf_obj_pin(this.#descriptor, path), `pin ${path}`);
  }

  /** Put another program in place of the one attached; each frame meets one or the other. @throws WorldError KERNEL_REFUSED */
  update({name, descriptor}: Program): void {
    check(libbpf().bpf_link_update(this.#descriptor, descriptor, null), `replace the attached program by ${name}`);
  }

  /** Take the program off; a pin keeps the link, with nothing attached. @throws WorldError KERNEL_REFUSED */
  detach(): void {
    check(libbpf().bpf_link_detach(this.#descriptor), 'detach the program');
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** @returns undefined if nothing is pinned there @throws WorldError KERNEL_REFUSED */
export function openPinnedLink(path: string): XdpLink | undefined {
  const descriptor = libbpf().bpf_obj_get(path);
  return descriptor === -constants.errno.ENOENT ? undefined : new XdpLink(check(descriptor, `open ${path}`));
}

/** How a program came to be attached; `reason` says why not native. */
export type Attached = {readonly link: XdpLink; readonly mode: XdpMode; readonly reason: string};

/**
 * Attach a program: native where the driver can, else generic.
 *
 * @throws WorldError INTERFACE_UNUSABLE if another XDP program is there: it is left alone
 */
export function attachXdp(program: Program, target: Target): Attached {
  refuseForeign(target);
  const native = createLink(program, target, 'native');
  if (native >= 0) {
    return {link: new XdpLink(native), mode: 'native', reason: ''};
  }

  const generic = createLink(program, target, 'generic');
  if (generic < 0) {
    refuseForeign(target);
    throw refusal(`attach ${program.name} to ${target.name}`, -generic);
  }

  return {link: new XdpLink(generic), mode: 'generic', reason: whyNotNative(-native, target.mtu)};
}

function createLink({descriptor}: Program, {index}: Target, mode: XdpMode): number {
  const options = new Uint8Array(64); // struct bpf_link_create_opts
  const view = new DataView(options.buffer);
  view.setBigUint64(0, BigInt(options.length), true);
  view.setUint32(8, modeFlags[mode], true);
  return libbpf().bpf_link_create(descriptor, index, xdp, options);
}

function refuseForeign({name, index}: Target): void {
  const {programId} = queryXdp({name, index});
  if (programId !== 0) {
    throw new WorldError(
      `${name}: another XDP program is attached, id ${programId}; see who owns it: bpftool net show dev ${name}; ` +
        `type: ip link set dev ${name} xdp off`,
      {code: 'INTERFACE_UNUSABLE', interfaceName: name},
    );
  }
}

/** A page of 4,096 bytes, less XDP's 256 in front, the kernel's 320 at the end, and Ethernet's 22 with two VLAN tags. */
const mostInOneBuffer = 3498;

/** @param mtu bytes; undefined: it is not known */
export function whyNotNative(errno: number, mtu: number | undefined): string {
  if (errno === constants.errno.EOPNOTSUPP) {
    return 'the driver has no native XDP';
  }

  const refused = `the driver refuses native XDP: ${errorName(errno)}`;
  return mtu === undefined || mtu <= mostInOneBuffer
    ? refused
    : `${refused}; at an MTU of ${mtu} a frame does not fit into one buffer`;
}

/** What is attached to an interface; `programId` 0 and mode undefined: nothing. @throws WorldError KERNEL_REFUSED */
export function queryXdp({name, index}: Target): {programId: number; mode: XdpMode | undefined} {
  const options = new Uint8Array(32); // struct bpf_xdp_query_opts
  const view = new DataView(options.buffer);
  view.setBigUint64(0, BigInt(options.length), true);
  check(libbpf().bpf_xdp_query(index, 0, options), `ask what is attached to ${name}`);
  const modes = [undefined, 'native', 'generic', 'native'] as const;
  const [programId, driver, hardware, generic] = [8, 12, 16, 20].map(offset => view.getUint32(offset, true));
  return {programId: programId || driver || hardware || generic || 0, mode: modes[view.getUint8(24)]};
}
