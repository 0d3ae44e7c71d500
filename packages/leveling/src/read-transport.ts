import {isIcmp, laterFragment, type Packet, placeHeader, protocols, shortestHeader, whole} from './packet.ts';
import {readIp} from './read-ip.ts';
import {reasonNumbers} from './reasons.ts';

const fine = reasonNumbers.forwarded;
const icmpBytes = 8;
const portBytes = 4;

/** Bytes of the shortest header of each protocol with ports, by protocol number; 0: no ports. All begin with the ports. */
const shortestTransport = new Uint8Array(256);
shortestTransport[protocols.tcp] = 20;
shortestTransport[protocols.udp] = 8;
shortestTransport[protocols.dccp] = 12;
shortestTransport[protocols.sctp] = 12;
shortestTransport[protocols.udpLite] = 8;

/**
 * Read what follows the IP headers: ports, or that it is a ping. After an ICMP error `packet` is the
 * packet that it quotes.
 *
 * @returns the number of the reason that speaks against it, or 0
 */
export function readTransport(frame: Uint8Array, packet: Packet): number {
  if (packet.fragment === laterFragment) {
    return fine;
  }

  return isIcmp(packet) ? readIcmp(frame, packet) : readPorts(frame, packet);
}

function readPorts(frame: Uint8Array, packet: Packet): number {
  const {transport, end, protocol} = packet;
  const shortest = shortestTransport[protocol]!;
  if (shortest === 0) {
    return fine;
  }

  if (transport + (packet.fragment === whole ? shortest : portBytes) > end) {
    return reasonNumbers['transport-truncated'];
  }

  packet.ports = transport;
  if (protocol !== protocols.tcp || packet.fragment !== whole) {
    return fine;
  }

  const headerBytes = 4 * (frame[transport + 12]! >> 4);
  return headerBytes < shortest || transport + headerBytes > end ? reasonNumbers['tcp-offset'] : fine;
}

function readIcmp(frame: Uint8Array, packet: Packet): number {
  if (packet.transport + icmpBytes > packet.end) {
    return reasonNumbers['transport-truncated'];
  }

  const type = frame[packet.transport]!;
  if (type === (packet.version === 4 ? 8 : 128)) {
    packet.isPing = true;
    return fine;
  }

  return isError(packet.version, type) ? readQuote(frame, packet) : reasonNumbers['icmp-other'];
}

/** Unreachable incl. fragmentation needed (packet too big), time exceeded, parameter problem. @see RFC 792; RFC 4443 */
function isError(version: number, type: number): boolean {
  return version === 4 ? type === 3 || type === 11 || type === 12 : type >= 1 && type <= 4;
}

function readQuote(frame: Uint8Array, packet: Packet): number {
  const {version, destination, transport} = packet;
  if (transport + icmpBytes + shortestHeader(version) > packet.end) {
    return reasonNumbers['icmp-quote-truncated'];
  }

  packet.isQuoted = true;
  placeHeader(packet, version, transport + icmpBytes);
  if (!areSame(frame, packet.source, destination, version === 4 ? 4 : 16)) {
    return reasonNumbers['icmp-quote-foreign'];
  }

  if (readIp(frame, packet) !== fine) {
    return reasonNumbers['icmp-quote-unusable'];
  }

  return packet.fragment === laterFragment ? fine : readQuotedTransport(frame, packet);
}

/** Of a quote little more than the ports need be there. @see RFC 1812, 4.3.2.3; RFC 4443, 2.4 */
function readQuotedTransport(frame: Uint8Array, packet: Packet): number {
  const {transport, end, version, protocol} = packet;
  if (isIcmp(packet)) {
    packet.isPing = transport < end && frame[transport] === (version === 4 ? 0 : 129); // Our server's answer to a ping
    return packet.isPing ? fine : reasonNumbers['icmp-quote-unusable'];
  }

  if (shortestTransport[protocol] === 0) {
    return fine;
  }

  packet.ports = transport;
  return transport + portBytes > end ? reasonNumbers['icmp-quote-truncated'] : fine;
}

function areSame(frame: Uint8Array, one: number, other: number, bytes: number): boolean {
  for (let index = 0; index < bytes; index++) {
    if (frame[one + index] !== frame[other + index]) {
      return false;
    }
  }

  return true;
}
