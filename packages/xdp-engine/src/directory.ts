import {addressRecord, type ForwardingImage, serviceRecord, slotRecord} from '@tacoplex/leveling';
import {addressBuckets, addressSlot, image as layout, serviceBuckets, serviceSlot, slotsPerBucket} from './layout.ts';

/** Buckets are at least twice the entries, and never fewer: small clusters stay in the fastest cache. */
const fewestBuckets = 16;
/** Each is right for more than half of all sets of entries, however large. */
const mostMultipliers = 1000;

/** What a bucket is chosen by, and where the entry stands in the forwarding image. */
type Entry = {readonly words: readonly number[]; readonly record: number};

/** The tables of addresses and services, as the program looks them up. */
type Directory = {
  readonly multiplier: number;
  readonly addressShift: number;
  readonly serviceShift: number;
  readonly addresses: readonly Entry[];
  readonly services: readonly Entry[];
};

/**
 * Write both tables into a kernel image nobody reads.
 *
 * @param bytes the whole kernel image
 */
export function writeDirectory(bytes: Uint8Array, source: ForwardingImage): void {
  const directory = planDirectory(source);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(layout.multiplier, directory.multiplier, true);
  view.setUint16(layout.address_shift, directory.addressShift, true);
  view.setUint16(layout.service_shift, directory.serviceShift, true);
  bytes.fill(0, layout.addresses, layout.servers);
  place(directory.addresses, directory.multiplier, directory.addressShift, (slot, {record}) =>
    writeAddress(view, layout.addresses + slot * addressSlot.bytes, source, record),
  );
  place(directory.services, directory.multiplier, directory.serviceShift, (slot, {record}) =>
    writeService(view, layout.services + slot * serviceSlot.bytes, source, record),
  );
}

/** Find a multiplier with which no bucket of either table gets more entries than it has slots. */
function planDirectory(source: ForwardingImage): Directory {
  const addresses = listAddresses(source);
  const services = listServices(source);
  const addressShift = shiftFor(addresses.length, addressBuckets);
  const serviceShift = shiftFor(services.length, serviceBuckets);
  let multiplier = 0x9e3779b1;
  for (let tries = 0; tries < mostMultipliers; tries++) {
    if (fits(addresses, multiplier, addressShift) && fits(services, multiplier, serviceShift)) {
      return {multiplier, addressShift, serviceShift, addresses, services};
    }

    multiplier = ((Math.imul(multiplier, 0x915f77f5) + 0x3c6ef372) | 1) >>> 0;
  }

  throw new RangeError('services: they cannot be put into the look-up tables');
}

function shiftFor(entries: number, mostBuckets: number): number {
  const buckets = Math.min(mostBuckets, Math.max(fewestBuckets, 2 * entries));
  return 32 - Math.ceil(Math.log2(buckets));
}

function fits(entries: readonly Entry[], multiplier: number, shift: number): boolean {
  const taken = new Uint8Array(2 ** (32 - shift));
  return entries.every(({words}) => {
    const bucket = bucketOf(words, multiplier, shift);
    taken[bucket] = (taken[bucket] ?? 0) + 1;
    return (taken[bucket] ?? 0) <= slotsPerBucket;
  });
}

function place(
  entries: readonly Entry[],
  multiplier: number,
  shift: number,
  write: (slot: number, entry: Entry) => void,
): void {
  const taken = new Uint8Array(2 ** (32 - shift));
  for (const entry of entries) {
    const bucket = bucketOf(entry.words, multiplier, shift);
    const before = taken[bucket] ?? 0;
    taken[bucket] = before + 1;
    write(bucket * slotsPerBucket + before, entry);
  }
}

/** Twin of `find_address` and `find_place` in `bpf/lookup.h`. */
function bucketOf(words: readonly number[], multiplier: number, shift: number): number {
  return words.reduce((hash, word) => mix(hash, word, multiplier), 0) >>> shift;
}

function mix(hash: number, word: number, multiplier: number): number {
  const mixed = Math.imul(hash ^ word, multiplier);
  return mixed ^ (mixed >>> 15);
}

function listAddresses({addresses}: ForwardingImage): Entry[] {
  const entries: Entry[] = [];
  const wordsEach = addressRecord.bytes / 4;
  for (let record = 0; record < addresses.length; record += wordsEach) {
    const version = addresses[record + addressRecord.version / 4];
    if (version === 0) {
      break; // Addresses stand one behind the other
    }

    entries.push({words: [...addresses.subarray(record, record + (version === 4 ? 1 : 4))], record});
  }

  return entries;
}

function listServices({serviceSlots}: ForwardingImage): Entry[] {
  const entries: Entry[] = [];
  for (let record = 0; record < serviceSlots.length; record += slotRecord.bytes / 4) {
    const [placeWord = 0, port = 0] = serviceSlots.subarray(record, record + 2);
    if (placeWord !== 0) {
      entries.push({words: [placeWord, port], record});
    }
  }

  return entries;
}

function writeAddress(view: DataView, at: number, {addresses, services}: ForwardingImage, record: number): void {
  for (let word = 0; word < 4; word++) {
    view.setInt32(at + addressSlot.address + 4 * word, addresses[record + word] ?? 0, true);
  }

  const pingService = (addresses[record + addressRecord.echoService / 4] ?? 0) - 1;
  const service = pingService * serviceRecord.bytes;
  view.setUint16(at + addressSlot.version, addresses[record + addressRecord.version / 4] ?? 0, true);
  view.setUint16(at + addressSlot.index, record / (addressRecord.bytes / 4), true);
  view.setUint16(at + addressSlot.ping_service, pingService, true);
  view.setUint8(at + addressSlot.ping_group, services[service + serviceRecord.group] ?? 0);
  view.setUint8(at + addressSlot.ping_affinity, services[service + serviceRecord.affinity] ?? 0);
}

function writeService(view: DataView, at: number, {serviceSlots, services}: ForwardingImage, record: number): void {
  const [placeWord = 0, port = 0, found = 0] = serviceSlots.subarray(record, record + 3);
  const isAmbiguous = found === 0;
  const index = isAmbiguous ? 0 : found - 1;
  const service = index * serviceRecord.bytes;
  view.setInt32(at + serviceSlot.place, placeWord, true);
  view.setInt32(at + serviceSlot.port, port, true);
  view.setUint16(at + serviceSlot.service, index, true);
  view.setUint8(at + serviceSlot.group, services[service + serviceRecord.group] ?? 0);
  view.setUint8(at + serviceSlot.affinity, services[service + serviceRecord.affinity] ?? 0);
  view.setUint32(at + serviceSlot.is_ambiguous, isAmbiguous ? 1 : 0, true);
}
