import {binCount, type GroupNumber, type IpAddress, type MacAddress, type ServerNumber} from '@tacoplex/vocabulary';
import type {Affinity} from './affinity.ts';
import {
  addressRecord,
  addressSlotCount,
  header,
  imageBytes,
  imageMagic,
  maxGroups,
  maxServices,
  offsets,
  serverCount,
  serverRecord,
  serviceRecord,
  serviceSlotCount,
  slotRecord,
} from './image-layout.ts';

/** What the levelers share under one address. */
export type ServiceEntry = {
  readonly address: IpAddress;
  readonly protocol: number; // IP protocol, 1..255; 0: every protocol, and then port is 0
  readonly port: number; // 1..65535; 0: every port
  readonly group: GroupNumber;
  readonly affinity: Affinity;
};

export type GroupEntry = {
  readonly number: GroupNumber;
  /** Server of each bin, 0: nobody; 65,536 entries. */
  readonly base: Uint16Array;
  /** Who takes the bin over while its base is dead, in the same form. */
  readonly fallback: Uint16Array;
};

export type ServerEntry = {
  readonly number: ServerNumber;
  readonly mac?: MacAddress | undefined; // Of its net B interface; absent: not known
  readonly dead: boolean;
};

/** Everything a forwarding image says. */
export type ImageContent = {
  readonly hashKey: Uint8Array; // 16 bytes
  readonly ourMac: MacAddress; // Of our net A interface: frames to other addresses are not ours
  readonly services: readonly ServiceEntry[]; // At most 1,024, no two of the same address, protocol and port
  readonly groups: readonly GroupEntry[]; // At most 16, each number once
  readonly servers: readonly ServerEntry[];
  /** Of the cluster state, for whoever looks at the image; 0.0 if absent. */
  readonly version?: {readonly term: number; readonly index: number};
};

/**
 * A view of what the forwarding function knows, in one piece of (shared) memory. Nothing is copied: a
 * writing through another view of the same memory is seen at once. Layout: `image-layout.ts`.
 */
export type ForwardingImage = {
  readonly header: Uint32Array;
  readonly hashKey: Int32Array; // 4 words
  readonly ourMac: Uint8Array; // 6 bytes
  readonly groupsPresent: Uint16Array; // 1 mask
  readonly services: Uint8Array;
  readonly addresses: Int32Array;
  readonly addressSlots: Uint16Array;
  readonly serviceSlots: Int32Array;
  readonly servers: Uint8Array;
  readonly tables: Uint16Array;
};

/**
 * Look at the image in `buffer`. Fresh memory (zeros) is a valid image: no service, all frames pass.
 *
 * @throws RangeError if `buffer` is shorter than `imageBytes`, or holds something else
 */
export function openImage(buffer: ArrayBufferLike): ForwardingImage {
  if (buffer.byteLength < imageBytes) {
    throw new RangeError(`buffer: at least ${imageBytes} bytes, not ${buffer.byteLength}`);
  }

  const words = new Uint32Array(buffer, offsets.header, 16);
  if (words[header.magic / 4] !== 0 && words[header.magic / 4] !== imageMagic) {
    throw new RangeError('buffer: no forwarding image of this layout');
  }

  return {
    header: words,
    hashKey: new Int32Array(buffer, header.hashKey, 4),
    ourMac: new Uint8Array(buffer, header.ourMac, 6),
    groupsPresent: new Uint16Array(buffer, header.groupsPresent, 1),
    services: new Uint8Array(buffer, offsets.services, maxServices * serviceRecord.bytes),
    addresses: new Int32Array(buffer, offsets.addresses, (maxServices * addressRecord.bytes) / 4),
    addressSlots: new Uint16Array(buffer, offsets.addressSlots, addressSlotCount),
    serviceSlots: new Int32Array(buffer, offsets.serviceSlots, (serviceSlotCount * slotRecord.bytes) / 4),
    servers: new Uint8Array(buffer, offsets.servers, serverCount * serverRecord.bytes),
    tables: new Uint16Array(buffer, offsets.tables, maxGroups * 2 * binCount),
  };
}

export function isBeingWritten(image: ForwardingImage): boolean {
  return (Atomics.load(image.header, header.sequence / 4) & 1) === 1;
}

/** Of the cluster state the image was made from. */
export function versionOf({header: words}: ForwardingImage): {term: number; index: number} {
  return {term: words[header.versionTerm / 4] ?? 0, index: words[header.versionIndex / 4] ?? 0};
}
