import {ipToBytes} from '@tacoplex/vocabulary';
import type {Addresses} from './checksum.ts';
import {joinBytes} from './join-bytes.ts';

/** Protocol numbers of the extension headers. @see IPv6 Extension Header Types, IANA */
export const extensionTypes = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  destinationOptions: 60,
} as const;

export type ExtensionHeader =
  | {
      readonly kind: 'hopByHop' | 'routing' | 'destinationOptions' | 'authentication';
      readonly words?: number; // Its length in units of 8 bytes, 1..32, default 1; an authentication header has at least 2
    }
  | {
      readonly kind: 'fragment';
      readonly identification: number; // 32 bits
      readonly offset: number; // In units of 8 bytes
      readonly moreFragments: boolean;
    };

export type Ipv6Packet = Addresses & {
  readonly protocol: number; // Of the payload, behind all extension headers
  readonly payload: Uint8Array;
  readonly extensionHeaders?: readonly ExtensionHeader[];
  readonly hopLimit?: number; // Default 64
};

/** @returns header, extension headers in the order given, payload @see RFC 8200, 3 and 4 */
export function buildIpv6(packet: Ipv6Packet): Uint8Array {
  const {source, destination, protocol, payload, extensionHeaders = [], hopLimit = 64} = packet;
  const types = [...extensionHeaders.map(({kind}) => extensionTypes[kind]), protocol];
  const extensions = joinBytes(
    ...extensionHeaders.map((header, index) => buildExtension(header, types[index + 1] ?? protocol)),
  );
  const header = new Uint8Array(40);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, extensions.length + payload.length);
  view.setUint8(6, types[0] ?? protocol);
  view.setUint8(7, hopLimit);
  header.set(ipToBytes(source), 8);
  header.set(ipToBytes(destination), 24);
  return joinBytes(header, extensions, payload);
}

/** Options are padding, a routing header has no segment left, an authentication header has an empty check value. */
function buildExtension(header: ExtensionHeader, next: number): Uint8Array {
  if (header.kind === 'fragment') {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint8(0, next);
    view.setUint16(2, (header.offset << 3) | (header.moreFragments ? 1 : 0));
    view.setUint32(4, header.identification);
    return new Uint8Array(view.buffer);
  }

  const isAuthentication = header.kind === 'authentication';
  const words = Math.max(header.words ?? 1, isAuthentication ? 2 : 1);
  const bytes = new Uint8Array(8 * words);
  bytes[0] = next;
  bytes[1] = isAuthentication ? 2 * words - 2 : words - 1;
  return bytes;
}

/**
 * Cut a packet into fragments, the fragment header behind the extension headers given.
 *
 * @param payloadBytes most payload in each, a multiple of 8
 */
export function fragmentIpv6(packet: Ipv6Packet, payloadBytes: number, identification: number): Uint8Array[] {
  const {payload, extensionHeaders = []} = packet;
  return Array.from({length: Math.ceil(payload.length / payloadBytes)}, (_, index) =>
    buildIpv6({
      ...packet,
      payload: payload.slice(index * payloadBytes, (index + 1) * payloadBytes),
      extensionHeaders: [
        ...extensionHeaders,
        {
          kind: 'fragment',
          identification,
          offset: (index * payloadBytes) / 8,
          moreFragments: (index + 1) * payloadBytes < payload.length,
        },
      ],
    }),
  );
}
