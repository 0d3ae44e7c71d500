import type {ForwardingImage} from './image.ts';
import {type Packet, placeHeader, shortestHeader} from './packet.ts';
import {reasonNumbers} from './reasons.ts';

const fine = reasonNumbers.forwarded;
const headerBytes = 14;
const tagBytes = 4;
const ipv4 = 0x0800;
const ipv6 = 0x86dd;
const vlan = 0x8100;
const providerVlan = 0x88a8;

/**
 * Find the IP header of an Ethernet II frame that is ours or everybody's, behind at most one 802.1Q tag.
 *
 * @returns the number of the reason that speaks against it, or 0
 */
export function readEthernet({ourMac}: ForwardingImage, frame: Uint8Array, length: number, packet: Packet): number {
  if (length < headerBytes) {
    return reasonNumbers.truncated;
  }

  if (!isGroupMac(frame) && !isFor(ourMac, frame)) {
    return reasonNumbers['not-ours'];
  }

  const outerType = typeAt(frame, 12);
  if (outerType !== vlan) {
    return placeIp(length, packet, outerType, headerBytes);
  }

  return length < headerBytes + tagBytes
    ? reasonNumbers.truncated
    : placeIp(length, packet, typeAt(frame, 12 + tagBytes), headerBytes + tagBytes);
}

/** Broadcast or multicast. @param frame at least 1 byte */
export function isGroupMac(frame: Uint8Array): boolean {
  return (frame[0]! & 1) === 1;
}

function isFor(mac: Uint8Array, frame: Uint8Array): boolean {
  return (
    frame[5] === mac[5] &&
    frame[4] === mac[4] &&
    frame[3] === mac[3] &&
    frame[2] === mac[2] &&
    frame[1] === mac[1] &&
    frame[0] === mac[0]
  );
}

function placeIp(length: number, packet: Packet, type: number, start: number): number {
  if (type !== ipv4 && type !== ipv6) {
    return type === vlan || type === providerVlan ? reasonNumbers['vlan-stacked'] : reasonNumbers['not-ip'];
  }

  const version = type === ipv4 ? 4 : 6;
  if (length < start + shortestHeader(version)) {
    return reasonNumbers.truncated;
  }

  placeHeader(packet, version, start);
  packet.end = length;
  return fine;
}

function typeAt(frame: Uint8Array, offset: number): number {
  return (frame[offset]! << 8) | frame[offset + 1]!;
}
