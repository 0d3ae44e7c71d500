import {firstFragment, laterFragment, type Packet, protocols, shortestHeader, whole} from './packet.ts';
import {reasonNumbers} from './reasons.ts';

const fine = reasonNumbers.forwarded;
const mostExtensionHeaders = 8;

/**
 * Read the IP header that `packet` points at, which lies whole before `packet.end`: protocol, fragment,
 * where the transport header begins, and, unless it is quoted, where the packet ends.
 *
 * @returns the number of the reason that speaks against it, or 0
 */
export function readIp(frame: Uint8Array, packet: Packet): number {
  if (frame[packet.start]! >> 4 !== packet.version) {
    return reasonNumbers['ip-version'];
  }

  return packet.version === 4 ? readIpv4(frame, packet) : readIpv6(frame, packet);
}

function readIpv4(frame: Uint8Array, packet: Packet): number {
  const {start} = packet;
  const headerBytes = 4 * (frame[start]! & 0x0f);
  const totalBytes = wordAt(frame, start + 2);
  if (headerBytes < shortestHeader(4) || start + headerBytes > packet.end) {
    return reasonNumbers['ipv4-header-length'];
  }

  if (!packet.isQuoted) {
    if (headerBytes > totalBytes) {
      return reasonNumbers['ipv4-header-length'];
    }

    if (start + totalBytes > packet.end) {
      return reasonNumbers['ip-length'];
    }

    packet.end = start + totalBytes;
  }

  const place = wordAt(frame, start + 6);
  packet.fragment = fragmentKind(place & 0x1fff, (place & 0x2000) !== 0);
  packet.protocol = frame[start + 9]!;
  packet.transport = start + headerBytes;
  return fine;
}

function readIpv6(frame: Uint8Array, packet: Packet): number {
  const payloadStart = packet.start + shortestHeader(6);
  const nextHeader = frame[packet.start + 6]!;
  if (!packet.isQuoted) {
    const payloadBytes = wordAt(frame, packet.start + 4);
    if (payloadBytes === 0 && nextHeader === protocols.hopByHop) {
      return reasonNumbers['ipv6-jumbogram'];
    }

    if (payloadStart + payloadBytes > packet.end) {
      return reasonNumbers['ip-length'];
    }

    packet.end = payloadStart + payloadBytes;
  }

  return walkExtensionHeaders(frame, packet, nextHeader, payloadStart);
}

function walkExtensionHeaders(frame: Uint8Array, packet: Packet, nextHeader: number, payloadStart: number): number {
  packet.fragment = whole;
  packet.protocol = nextHeader;
  packet.transport = payloadStart;
  for (let count = 0; isExtensionHeader(packet.protocol) && packet.fragment !== laterFragment; count++) {
    if (count === mostExtensionHeaders) {
      return reasonNumbers['ipv6-many-headers'];
    }

    const offset = packet.transport;
    if (offset + 8 > packet.end || offset + extensionBytes(frame, offset, packet.protocol) > packet.end) {
      return reasonNumbers['ipv6-header-length'];
    }

    if (packet.protocol === protocols.fragment) {
      const place = wordAt(frame, offset + 2);
      const kind = fragmentKind(place >> 3, (place & 1) !== 0);
      if (kind !== whole) {
        packet.fragment = kind;
        packet.fragmentHeader = offset;
      }
    }

    packet.transport = offset + extensionBytes(frame, offset, packet.protocol);
    packet.protocol = frame[offset]!;
  }

  return fine;
}

/** Those that are walked over; in a later fragment one may follow the fragment header, and hide the protocol. */
export function isExtensionHeader(protocol: number): boolean {
  return (
    protocol === protocols.hopByHop ||
    protocol === protocols.routing ||
    protocol === protocols.fragment ||
    protocol === protocols.destinationOptions ||
    protocol === protocols.authentication
  );
}

/** At least 8. @see RFC 8200, 4; RFC 4302, 2.2: authentication headers count in words of 4 bytes */
function extensionBytes(frame: Uint8Array, offset: number, kind: number): number {
  if (kind === protocols.fragment) {
    return 8;
  }

  const length = frame[offset + 1]!;
  return kind === protocols.authentication ? 4 * (length + 2) : 8 * (length + 1);
}

/** @param offset from the datagram's begin, in units of 8 bytes */
function fragmentKind(offset: number, moreFollow: boolean): number {
  if (offset !== 0) {
    return laterFragment;
  }

  return moreFollow ? firstFragment : whole;
}

function wordAt(frame: Uint8Array, offset: number): number {
  return (frame[offset]! << 8) | frame[offset + 1]!;
}
