import {addressRecord, anyFragment, type ForwardingImage, serviceRecord, slotRecord} from '@tacoplex/leveling';
import {
  addressBuckets,
  addressSlot,
  filterWords,
  image as layout,
  serviceBuckets,
  serviceSlot,
  slotsPerBucket,
} from './layout.ts';

/** Each pair is right for more than half of all sets of entries, however large. */
const mostMultipliers = 1000;
const addressShift = shiftFor(addressBuckets);
const serviceShift = shiftFor(serviceBuckets);
const filterShift = shiftFor(64 * filterWords);

/** What a bucket is chosen by, and where the entry stands in the forwarding image. */
type Entry = {readonly words: readonly [bigint, bigint]; readonly record: number};

type Multipliers = readonly [bigint, bigint];

/** The tables of addresses and services, as the program looks them up. Hashes are those of the entries, in their order. */
type Directory = {
  readonly multipliers: Multipliers;
  readonly addresses: readonly Entry[];
  readonly services: readonly Entry[];
  readonly addressHashes: BigUint64Array;
  readonly serviceHashes: BigUint64Array;
};

/**
 * Write both tables, and the filter before them, into a kernel image nobody reads.
 *
 * @param bytes the whole kernel image
 */
export function writeDirectory(bytes: Uint8Array, source: ForwardingImage): void {
  const {multipliers, addresses, services, addressHashes, serviceHashes} = planDirectory(source);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setBigUint64(layout.multipliers, multipliers[0], true);
  view.setBigUint64(layout.multipliers + 8, multipliers[1], true);
  bytes.fill(0, layout.filter, layout.servers);
  writeFilter(bytes.subarray(layout.filter, layout.addresses), addressHashes);
  place(addresses, addressHashes, addressShift, (slot, {record}) =>
    writeAddress(view, layout.addresses + slot * addressSlot.bytes, source, record),
  );
  place(services, serviceHashes, serviceShift, (slot, {record}) =>
    writeService(view, layout.services + slot * serviceSlot.bytes, source, record),
  );
}

/** Find multipliers with which no bucket of either table gets more entries than it has slots. */
function planDirectory(source: ForwardingImage): Directory {
  const addresses = listAddresses(source);
  const services = listServices(source);
  let last = 0n;
  for (let tries = 0; tries < mostMultipliers; tries++) {
    const multipliers = [nextMultiplier(last), nextMultiplier(nextMultiplier(last))] as const;
    const addressHashes = hashesOf(addresses, multipliers);
    const serviceHashes = hashesOf(services, multipliers);
    if (fits(addressHashes, addressShift) && fits(serviceHashes, serviceShift)) {
      return {multipliers, addresses, services, addressHashes, serviceHashes};
    }

    last = multipliers[1];
  }

  throw new RangeError('services: they cannot be put into the look-up tables');
}

/** @see Steele and Vigna, Computationally Easy, Spectrally Good Multipliers, 2021: 64 bits */
function nextMultiplier(last: bigint): bigint {
  return BigInt.asUintN(64, last * 0xd1342543de82ef95n + 0x9e3779b97f4a7c15n) | 1n;
}

/** Of a hash of 64 bits, to have as many upper ones as there are places. @param places a power of two */
function shiftFor(places: number): bigint {
  return BigInt(64 - Math.log2(places));
}

/** Twin of `hash_address` in `bpf/lookup.h`, and of what `find_place` does. */
function hashesOf(entries: readonly Entry[], [first, second]: Multipliers): BigUint64Array {
  return BigUint64Array.from(entries, ({words}) => words[0] * first + words[1] * second);
}

function fits(hashes: BigUint64Array, shift: bigint): boolean {
  const taken = new Uint8Array(2 ** (64 - Number(shift)));
  return hashes.every(hash => {
    const bucket = Number(hash >> shift);
    taken[bucket]! += 1;
    return taken[bucket]! <= slotsPerBucket;
  });
}

/** Fill buckets from their first slot on. */
function place(
  entries: readonly Entry[],
  hashes: BigUint64Array,
  shift: bigint,
  write: (slot: number, entry: Entry) => void,
): void {
  const taken = new Uint8Array(2 ** (64 - Number(shift)));
  for (const [index, entry] of entries.entries()) {
    const bucket = Number(hashes[index]! >> shift);
    write(bucket * slotsPerBucket + taken[bucket]!, entry);
    taken[bucket]! += 1;
  }
}

/** Twin of `may_be_service` in `bpf/lookup.h`. */
function writeFilter(filter: Uint8Array, hashes: BigUint64Array): void {
  for (const hash of hashes) {
    const bit = Number(hash >> filterShift);
    filter[bit >> 3]! |= 1 << (bit & 7);
  }
}

function listAddresses({addresses}: ForwardingImage): Entry[] {
  const entries: Entry[] = [];
  const wordsEach = addressRecord.bytes / 4;
  for (let record = 0; record < addresses.length; record += wordsEach) {
    const version = addresses[record + addressRecord.version / 4];
    if (version === 0) {
      break; // Addresses stand one behind the other
    }

    entries.push({words: [wordAt(addresses, record), wordAt(addresses, record + 2)], record});
  }

  return entries;
}

function listServices({serviceSlots}: ForwardingImage): Entry[] {
  const entries: Entry[] = [];
  for (let record = 0; record < serviceSlots.length; record += slotRecord.bytes / 4) {
    const place = serviceSlots[record] ?? 0; // Nearly all are free: a view of each would take longer than all the rest
    if (place !== 0) {
      entries.push({words: [serviceKey(place - 1, serviceSlots[record + 1] ?? 0), 0n], record});
    }
  }

  return entries;
}

/** Of the slot's key in `bpf/forwarder.h`. @param place index of the address, from 0, 8 bits protocol @param port or `anyFragment` */
function serviceKey(place: number, port: number): bigint {
  const index = (place >> 8) + 1;
  const portAsItStands = port === anyFragment ? 0 : ((port & 0xff) << 8) | (port >> 8);
  const upper = (place & 0xff) | (port === anyFragment ? 0x100 : 0);
  return (BigInt(upper) << 32n) | BigInt(index + portAsItStands * 0x1_0000);
}

/** Two numbers as the program reads them in one load. */
function wordAt(numbers: Int32Array, index: number): bigint {
  return (BigInt(numbers[index + 1]! >>> 0) << 32n) | BigInt(numbers[index]! >>> 0);
}

function writeAddress(view: DataView, at: number, {addresses, services}: ForwardingImage, record: number): void {
  for (let word = 0; word < 4; word++) {
    view.setInt32(at + addressSlot.address + 4 * word, addresses[record + word] ?? 0, true);
  }

  const pingService = (addresses[record + addressRecord.echoService / 4] ?? 0) - 1;
  const service = pingService * serviceRecord.bytes;
  view.setUint16(at + addressSlot.version, addresses[record + addressRecord.version / 4] ?? 0, true);
  view.setUint16(at + addressSlot.index, record / (addressRecord.bytes / 4) + 1, true);
  view.setUint16(at + addressSlot.ping_service, pingService, true);
  view.setUint8(at + addressSlot.ping_group, services[service + serviceRecord.group] ?? 0);
  view.setUint8(at + addressSlot.ping_affinity, services[service + serviceRecord.affinity] ?? 0);
}

function writeService(view: DataView, at: number, {serviceSlots, services}: ForwardingImage, record: number): void {
  const [place = 0, port = 0, found = 0] = serviceSlots.subarray(record, record + 3);
  const isAmbiguous = found === 0;
  const index = isAmbiguous ? 0 : found - 1;
  const service = index * serviceRecord.bytes;
  view.setBigUint64(at + serviceSlot.key, serviceKey(place - 1, port), true);
  view.setUint16(at + serviceSlot.service, index, true);
  view.setUint8(at + serviceSlot.group, services[service + serviceRecord.group] ?? 0);
  view.setUint8(at + serviceSlot.affinity, services[service + serviceRecord.affinity] ?? 0);
  view.setUint32(at + serviceSlot.is_ambiguous, isAmbiguous ? 1 : 0, true);
}
