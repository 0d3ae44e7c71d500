import type {ForwardingImage} from './image.ts';
import {addressRecord, addressSlotCount, anyFragment, serviceSlotCount} from './image-layout.ts';

const wordsPerAddress = addressRecord.bytes / 4;
const echoServiceWord = addressRecord.echoService / 4;
/** 2^32 divided by the golden ratio, made odd. @see Knuth, The Art of Computer Programming 3, 6.4 */
const multiplier = 0x9e3779b1 | 0;
/** The upper bits of a product say which slot. */
const addressShift = 32 - Math.log2(addressSlotCount);
const serviceShift = 32 - Math.log2(serviceSlotCount);

/** Address words are read as little-endian; those an IPv4 address lacks are 0. */
export function slotOfAddress(a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(mix(a) ^ b) ^ c) ^ d) >>> addressShift;
}

/** The upper bits of the product depend on all bits of `word`. */
function mix(word: number): number {
  return Math.imul(word ^ (word >>> 16), multiplier);
}

/** @param place (address index x 256 + protocol) + 1 */
export function slotOfService(place: number, port: number): number {
  const mixed = Math.imul(Math.imul(place, multiplier) ^ port, multiplier);
  return mixed >>> serviceShift;
}

/** @returns the address's index, or -1: no service has it */
export function findAddress(
  {addresses, addressSlots}: ForwardingImage,
  a: number,
  b: number,
  c: number,
  d: number,
  version: number,
): number {
  let slot = slotOfAddress(a, b, c, d);
  for (let index = addressSlots[slot]!; index !== 0; index = addressSlots[slot]!) {
    const first = (index - 1) * wordsPerAddress;
    if (
      addresses[first] === a &&
      addresses[first + 1] === b &&
      addresses[first + 2] === c &&
      addresses[first + 3] === d &&
      addresses[first + 4] === version
    ) {
      return index - 1;
    }

    slot = (slot + 1) & (addressSlotCount - 1);
  }

  return -1;
}

/** @returns the service that answers pings of this address */
export function findEchoService({addresses}: ForwardingImage, addressIndex: number): number {
  return addresses[addressIndex * wordsPerAddress + echoServiceWord]! - 1;
}

/**
 * The service of (address, protocol, port), else of (address, protocol, every port), else of
 * (address, every protocol, every port).
 *
 * @returns its index, or -1
 */
export function findService(image: ForwardingImage, addressIndex: number, protocol: number, port: number): number {
  const exact = lookUp(image, addressIndex, protocol, port);
  if (exact > 0) {
    return exact - 1;
  }

  const everyPort = lookUp(image, addressIndex, protocol, 0);
  return Math.max(everyPort > 0 ? everyPort : lookUp(image, addressIndex, 0, 0), 0) - 1;
}

/** There are services, but without ports it cannot be told which one is meant, or which server. */
export const ambiguous = -2;

/** The service of a fragment that has no ports. @returns its index, -1: none, or {@link ambiguous} */
export function findFragmentService(image: ForwardingImage, addressIndex: number, protocol: number): number {
  const ofProtocol = lookUp(image, addressIndex, protocol, anyFragment);
  const found = ofProtocol >= 0 ? ofProtocol : lookUp(image, addressIndex, 0, anyFragment);
  if (found > 0) {
    return found - 1;
  }

  return found === 0 ? ambiguous : -1;
}

/** @returns what the slot holds (service index + 1, or 0: ambiguous); -1: there is no such slot */
function lookUp({serviceSlots}: ForwardingImage, addressIndex: number, protocol: number, port: number): number {
  const place = ((addressIndex << 8) | protocol) + 1;
  let slot = slotOfService(place, port);
  for (let found = serviceSlots[3 * slot]!; found !== 0; found = serviceSlots[3 * slot]!) {
    if (found === place && serviceSlots[3 * slot + 1] === port) {
      return serviceSlots[3 * slot + 2]!;
    }

    slot = (slot + 1) & (serviceSlotCount - 1);
  }

  return -1;
}
