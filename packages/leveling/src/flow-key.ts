import {affinityCodes} from './affinity.ts';
import {laterFragment, type Packet, protocols} from './packet.ts';

/**
 * Where each field of a key stands, in bytes. All fields are as in the packet (network order); what a
 * key does not use is 0. The hash reads the key as little-endian words of 64 bits; two bytes are left in the last one
 * for the length, so that it takes no round of its own.
 *
 * | field        | IPv4, 14 bytes | IPv6, 38 bytes | flow | client | port | ipid           |
 * | ---          | --:            | --:            | :-:  | :-:    | :-:  | :-:            |
 * | source       | 0, 4 long      | 0, 16 long     | x    | x      |      | x              |
 * | destination  | 4, 4 long      | 16, 16 long    | x    |        |      | x              |
 * | source port  | 8, 2 long      | 32, 2 long     | x    |        | x    | identification |
 * | dest. port   | 10, 2 long     | 34, 2 long     | x    |        |      |                |
 * | protocol     | 12             | 36             | x    |        |      | x              |
 * | kind         | 13             | 37             | 0    | 1      | 2    | 3              |
 *
 * The kind is the affinity's code, and it says how this very key was made: a packet without ports under
 * `port` has a `client` key, and so has every ping; whatever is not UDP over IPv4 under `ipid` has a `flow` key, and so
 * has a quoted packet, whose identification was its server's. Of protocols without ports both ports are 0.
 *
 * In a quoted packet source and destination change places, addresses and ports: its key is the one of the
 * packets it answered.
 */
export const keyBytes = {ipv4: 14, ipv6: 38} as const;

/** Halves of 64-bit words that the longest key takes. */
export const mostKeyHalves = 10;

/** The kind of key that `packet` gets under an affinity. -1: it has not what the key needs. */
export function keyKind(affinity: number, packet: Packet): number {
  if (affinity === affinityCodes.client || packet.isPing) {
    return affinityCodes.client;
  }

  if (affinity === affinityCodes.ipid && isIdentified(packet)) {
    return affinityCodes.ipid;
  }

  if (packet.fragment === laterFragment) {
    return -1;
  }

  if (affinity === affinityCodes.port) {
    return packet.ports === -1 ? affinityCodes.client : affinityCodes.port;
  }

  return affinityCodes.flow;
}

function isIdentified({version, protocol, isQuoted}: Packet): boolean {
  return version === 4 && protocol === protocols.udp && !isQuoted;
}

/**
 * Write the key of that kind as `hashBlocks` wants it, with its length in the last byte.
 *
 * @param key at least 10 entries
 * @returns words of 64 bits: 2 for IPv4, 5 for IPv6
 */
export function writeKey(frame: Uint8Array, packet: Packet, kind: number, key: Int32Array): number {
  const words = packet.version === 4 ? 1 : 4; // Of an address
  const hasSource = kind !== affinityCodes.port;
  const hasDestination = kind === affinityCodes.flow || kind === affinityCodes.ipid;
  const source = packet.isQuoted ? packet.destination : packet.source;
  const destination = packet.isQuoted ? packet.source : packet.destination;
  for (let word = 0; word < words; word++) {
    key[word] = hasSource ? wordAt(frame, source + 4 * word) : 0;
    key[words + word] = hasDestination ? wordAt(frame, destination + 4 * word) : 0;
  }

  key[2 * words] = portWord(frame, packet, kind);
  key[2 * words + 1] = (hasDestination ? packet.protocol : 0) | (kind << 8) | ((8 * words + 6) << 24);
  return words + 1;
}

function portWord(frame: Uint8Array, packet: Packet, kind: number): number {
  if (kind === affinityCodes.ipid) {
    return wordAt(frame, packet.start + 4) & 0xffff;
  }

  if (packet.ports === -1 || kind === affinityCodes.client) {
    return 0;
  }

  const ports = wordAt(frame, packet.ports);
  const turned = packet.isQuoted ? (ports << 16) | (ports >>> 16) : ports;
  return kind === affinityCodes.port ? turned & 0xffff : turned;
}

/** Four bytes as they stand, as a little-endian word. */
export function wordAt(frame: Uint8Array, offset: number): number {
  return frame[offset]! | (frame[offset + 1]! << 8) | (frame[offset + 2]! << 16) | (frame[offset + 3]! << 24);
}
