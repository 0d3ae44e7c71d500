import {binCount} from '@tacoplex/vocabulary';
import type {Decision} from './decision.ts';
import {keyKind, wordAt, writeKey} from './flow-key.ts';
import type {ForwardingImage} from './image.ts';
import {serverRecord, serviceRecord} from './image-layout.ts';
import {clearPacket, isIcmp, laterFragment, type Packet} from './packet.ts';
import {isGroupMac, readEthernet} from './read-ethernet.ts';
import {isExtensionHeader, readIp} from './read-ip.ts';
import {readTransport} from './read-transport.ts';
import {reasonNumbers, verdicts} from './reasons.ts';
import {ambiguous, findAddress, findEchoService, findFragmentService, findService} from './service-lookup.ts';
import {hashBlocks} from './sip-hash.ts';

const fine = reasonNumbers.forwarded;

/**
 * Say what becomes of a frame: which server gets it, or why none does. Allocates nothing, reads nothing
 * beyond `length`, changes nothing but `out`. What it says of fragments is what holds while their first one has not been
 * seen; `decideFragment` knows more.
 *
 * @param frame an Ethernet frame without its check sequence, as it came in on net A
 * @param length bytes of the frame; `frame` may be longer
 */
export function decide(image: ForwardingImage, frame: Uint8Array, length: number, out: Decision): void {
  out.service = -1;
  out.group = -1;
  out.bin = -1;
  out.hashLow = 0;
  out.hashHigh = 0;
  out.server = 0;
  clearPacket(out.packet);
  out.reason = judge(image, frame, Math.min(length, frame.length), out);
  out.verdict = verdicts[out.reason]!;
}

function judge(image: ForwardingImage, frame: Uint8Array, length: number, out: Decision): number {
  const {packet} = out;
  const ethernet = readEthernet(image, frame, length, packet);
  if (ethernet !== fine) {
    return ethernet;
  }

  const address = addressAt(image, frame, packet, packet.destination);
  if (address === -1) {
    return reasonNumbers['no-service'];
  }

  const ip = isGroupMac(frame) ? reasonNumbers['group-mac'] : readIp(frame, packet);
  if (ip !== fine) {
    return ip;
  }

  if (isImpossibleSource(frame, packet) || addressAt(image, frame, packet, packet.source) !== -1) {
    return reasonNumbers['source-address'];
  }

  const transport = readTransport(frame, packet);
  return transport === fine ? level(image, frame, address, out) : transport;
}

/** @param offset of an address in the frame @returns its index among the service addresses, or -1 */
export function addressAt(image: ForwardingImage, frame: Uint8Array, {version}: Packet, offset: number): number {
  const first = wordAt(frame, offset);
  return version === 4
    ? findAddress(image, first, 0, 0, 0, version)
    : findAddress(
        image,
        first,
        wordAt(frame, offset + 4),
        wordAt(frame, offset + 8),
        wordAt(frame, offset + 12),
        version,
      );
}

/** Unspecified (IPv4: all of 0/8), loopback, multicast or broadcast. @see RFC 1812, 5.3.7; RFC 4291, 2 */
function isImpossibleSource(frame: Uint8Array, {version, source}: Packet): boolean {
  const first = frame[source]!;
  if (version === 4) {
    return first === 0 || first === 127 || (first >= 224 && first < 240) || wordAt(frame, source) === -1;
  }

  const isLowest = (wordAt(frame, source) | wordAt(frame, source + 4) | wordAt(frame, source + 8)) === 0;
  const last = wordAt(frame, source + 12);
  return first === 0xff || (isLowest && (last === 0 || last === 0x0100_0000));
}

/** Find service, key, bin and server of a packet that nothing speaks against. */
function level(image: ForwardingImage, frame: Uint8Array, address: number, out: Decision): number {
  const {packet} = out;
  const service = serviceOf(image, frame, address, packet);
  if (service < 0) {
    return whyNoService(packet, service);
  }

  const record = service * serviceRecord.bytes;
  const kind = keyKind(image.services[record + serviceRecord.affinity]!, packet);
  if (kind === -1) {
    return whyNoService(packet, ambiguous);
  }

  out.service = service;
  out.group = image.services[record + serviceRecord.group]!;
  const blockCount = writeKey(frame, packet, kind, out.key);
  hashBlocks(image.hashKey, out.key, blockCount, 1, 3, out.hash);
  out.hashLow = out.hash[0]!;
  out.hashHigh = out.hash[1]!;
  out.bin = out.hashLow & (binCount - 1);
  return deliver(image, out);
}

/** @returns a service's index, -1 or {@link ambiguous} */
function serviceOf(image: ForwardingImage, frame: Uint8Array, address: number, packet: Packet): number {
  if (packet.isPing) {
    return findEchoService(image, address);
  }

  if (packet.fragment === laterFragment) {
    return fragmentServiceOf(image, address, packet);
  }

  const port = packet.ports === -1 ? 0 : portAt(frame, packet.ports + (packet.isQuoted ? 0 : 2));
  return findService(image, address, packet.protocol, port);
}

/** Behind a fragment header another extension header may hide the protocol. Pings need no more than an address. */
function fragmentServiceOf(image: ForwardingImage, address: number, packet: Packet): number {
  if (packet.version === 6 && isExtensionHeader(packet.protocol)) {
    return ambiguous;
  }

  packet.isPing = isIcmp(packet);
  return packet.isPing ? findEchoService(image, address) : findFragmentService(image, address, packet.protocol);
}

function whyNoService({fragment, isQuoted}: Packet, service: number): number {
  if (fragment === laterFragment && isQuoted) {
    return reasonNumbers['icmp-quote-unusable'];
  }

  return service === ambiguous ? reasonNumbers['fragment-later'] : reasonNumbers['no-service'];
}

/** A settled bin goes to its base, or, while that is dead, to its fallback. */
function deliver({tables, servers}: ForwardingImage, out: Decision): number {
  const bin = 2 * out.group * binCount + out.bin;
  const base = tables[bin]!;
  return deliverTo(servers, base !== 0 && isDead(servers, base) ? tables[bin + binCount]! : base, out);
}

/** Whether a server can get the frame. @param server its number, 0: nobody @returns the number of the reason */
export function deliverTo(servers: ForwardingImage['servers'], server: number, out: Decision): number {
  if (server === 0 || isDead(servers, server)) {
    return reasonNumbers['no-server'];
  }

  out.server = server;
  return hasMac(servers, server) ? fine : reasonNumbers['no-mac'];
}

function isDead(servers: Uint8Array, server: number): boolean {
  return servers[server * serverRecord.bytes + serverRecord.dead] !== 0;
}

function hasMac(servers: Uint8Array, server: number): boolean {
  const mac = server * serverRecord.bytes + serverRecord.mac;
  return (wordAt(servers, mac) | servers[mac + 4]! | servers[mac + 5]!) !== 0;
}

function portAt(frame: Uint8Array, offset: number): number {
  return (frame[offset]! << 8) | frame[offset + 1]!;
}
