import {type IpAddress, ipToBytes} from '@tacoplex/vocabulary';
import {affinityCodes} from './affinity.ts';
import type {ForwardingImage, ServiceEntry} from './image.ts';
import {
  addressRecord,
  addressSlotCount,
  anyFragment,
  maxServices,
  serviceRecord,
  serviceSlotCount,
  slotRecord,
} from './image-layout.ts';
import {protocols} from './packet.ts';
import {slotOfAddress, slotOfService} from './service-lookup.ts';

/** @throws RangeError if there are too many, two alike, or one out of range */
export function checkServices(services: readonly ServiceEntry[]): void {
  if (services.length > maxServices) {
    throw new RangeError(`services: at most ${maxServices}, not ${services.length}`);
  }

  for (const {address, protocol, port, group} of services) {
    if (!isWhole(protocol, 255) || !isWhole(port, 65_535) || !isWhole(group, 15) || (protocol === 0 && port !== 0)) {
      throw new RangeError(`services: out of range: ${address} protocol ${protocol} port ${port} group ${group}`);
    }
  }

  const names = new Set(services.map(({address, protocol, port}) => `${address} ${protocol} ${port}`));
  if (names.size !== services.length) {
    throw new RangeError('services: one stands twice');
  }
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

/** Write the services, their addresses, and the slots by which both are found. */
export function writeServices(image: ForwardingImage, services: readonly ServiceEntry[]): void {
  image.services.fill(0);
  image.addresses.fill(0);
  image.addressSlots.fill(0);
  image.serviceSlots.fill(0);
  for (const [addressIndex, [address, here]] of [...byAddress(services)].entries()) {
    writeAddress(image, addressIndex, ipToBytes(address), echoServiceOf(here));
    for (const [index, service] of here) {
      writeService(image, index, addressIndex, service);
      fillServiceSlot(image, addressIndex, service.protocol, service.port, index + 1);
    }

    for (const protocol of new Set(here.map(([, service]) => service.protocol))) {
      fillServiceSlot(image, addressIndex, protocol, anyFragment, fragmentServiceOf(here, protocol) + 1);
    }
  }
}

type Numbered = readonly [index: number, service: ServiceEntry];

/** In the order in which the addresses first appear. */
function byAddress(services: readonly ServiceEntry[]): Map<IpAddress, Numbered[]> {
  const places = new Map<IpAddress, Numbered[]>();
  for (const [index, service] of services.entries()) {
    const here = places.get(service.address) ?? [];
    here.push([index, service]);
    places.set(service.address, here);
  }

  return places;
}

/** Pings are for the whole address: for its service of ICMP if it has one, else of every protocol, else the first. */
function echoServiceOf(here: readonly Numbered[]): number {
  const icmp = here.filter(([, {protocol}]) => protocol === protocols.icmp || protocol === protocols.icmp6);
  const every = here.filter(([, {protocol}]) => protocol === 0);
  return narrowest(icmp) ?? narrowest(every) ?? narrowest(here) ?? -1;
}

/**
 * The service that fragments without ports belong to: any of those that could be meant, if it makes no
 * difference which, and none of them needs ports to make a key. Else -1.
 */
function fragmentServiceOf(here: readonly Numbered[], wanted: number): number {
  const possible = here.filter(([, {protocol}]) => protocol === wanted || protocol === 0);
  const [, first] = possible[0] ?? [];
  const isOne = possible.every(([, {group, affinity}]) => group === first?.group && affinity === first.affinity);
  const needsNoPorts = first?.affinity === 'client' || first?.affinity === 'ipid';
  return isOne && needsNoPorts ? (widest(possible) ?? -1) : -1;
}

/** Of the lowest protocol and port: the same one on every leveler, whatever the order of the list. */
function narrowest(services: readonly Numbered[]): number | undefined {
  return [...services].sort(([, one], [, other]) => one.protocol - other.protocol || one.port - other.port)[0]?.[0];
}

/** Of the port 0 of its own protocol if there is one, then of the lowest port, then of every protocol. */
function widest(services: readonly Numbered[]): number | undefined {
  return [...services].sort(([, one], [, other]) => other.protocol - one.protocol || one.port - other.port)[0]?.[0];
}

function writeAddress(image: ForwardingImage, index: number, bytes: Uint8Array, echoService: number): void {
  const first = (index * addressRecord.bytes) / 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let word = 0; word < bytes.length / 4; word++) {
    image.addresses[first + word] = view.getInt32(4 * word, true);
  }

  image.addresses[first + addressRecord.version / 4] = bytes.length === 4 ? 4 : 6;
  image.addresses[first + addressRecord.echoService / 4] = echoService + 1;
  const [a = 0, b = 0, c = 0, d = 0] = image.addresses.subarray(first, first + 4);
  let slot = slotOfAddress(a, b, c, d);
  while (image.addressSlots[slot] !== 0) {
    slot = (slot + 1) & (addressSlotCount - 1);
  }

  image.addressSlots[slot] = index + 1;
}

function writeService({services}: ForwardingImage, index: number, addressIndex: number, service: ServiceEntry): void {
  const first = index * serviceRecord.bytes;
  const words = new Uint16Array(services.buffer, services.byteOffset + first, serviceRecord.bytes / 2);
  words[serviceRecord.address / 2] = addressIndex;
  words[serviceRecord.port / 2] = service.port;
  services[first + serviceRecord.protocol] = service.protocol;
  services[first + serviceRecord.group] = service.group;
  services[first + serviceRecord.affinity] = affinityCodes[service.affinity];
}

function fillServiceSlot(
  image: ForwardingImage,
  addressIndex: number,
  protocol: number,
  port: number,
  value: number,
): void {
  const place = ((addressIndex << 8) | protocol) + 1;
  let slot = slotOfService(place, port);
  while (image.serviceSlots[(slot * slotRecord.bytes) / 4] !== 0) {
    slot = (slot + 1) & (serviceSlotCount - 1);
  }

  image.serviceSlots.set([place, port, value], (slot * slotRecord.bytes) / 4);
}
