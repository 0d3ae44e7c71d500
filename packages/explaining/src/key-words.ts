import {keyBytes} from '@tacoplex/leveling';
import {ipFromBytes} from '@tacoplex/vocabulary';

/** One part of a key: what it is, its bytes, and what they say. */
export type KeyPart = {readonly name: string; readonly bytes: Uint8Array; readonly value: string};

/** What a key was made from; it may be less than the service's affinity names, if the packet has not more. */
export type KeyKind = 'flow' | 'client' | 'port' | 'ipid';

const kinds: readonly KeyKind[] = ['flow', 'client', 'port', 'ipid'];

const protocolNames: Readonly<Record<number, string>> = {
  1: 'ICMP',
  6: 'TCP',
  17: 'UDP',
  58: 'ICMPv6',
  132: 'SCTP',
};

/** @param key of one of the two lengths in `keyBytes` */
export function keyKindOf(key: Uint8Array): KeyKind {
  return kinds[key[key.length === keyBytes.ipv4 ? 13 : 37] ?? 0] ?? 'flow';
}

/**
 * The parts of a key that its kind uses, in the key's order; the others are 0.
 *
 * @param key of one of the two lengths in `keyBytes`
 */
export function describeKey(key: Uint8Array): KeyPart[] {
  const kind = keyKindOf(key);
  const address = key.length === keyBytes.ipv4 ? 4 : 16;
  const part = (name: string, offset: number, length: number, show: (bytes: Uint8Array) => string): KeyPart => {
    const bytes = key.subarray(offset, offset + length);
    return {name, bytes, value: show(bytes)};
  };
  const hasAddresses = kind === 'flow' || kind === 'ipid';
  return [
    ...(kind === 'port' ? [] : [part('source', 0, address, ipFromBytes)]),
    ...(hasAddresses ? [part('destination', address, address, ipFromBytes)] : []),
    ...portParts(kind, 2 * address, part),
    ...(hasAddresses ? [part('protocol', 2 * address + 4, 1, ([number = 0]) => protocolName(number))] : []),
    part('kind', 2 * address + 5, 1, () => kind),
  ];
}

function portParts(
  kind: KeyKind,
  offset: number,
  part: (name: string, offset: number, length: number, show: (bytes: Uint8Array) => string) => KeyPart,
): KeyPart[] {
  switch (kind) {
    case 'client':
      return [];
    case 'ipid':
      return [part('identification', offset, 2, wordOf)];
    case 'port':
      return [part('source port', offset, 2, wordOf)];
    case 'flow':
      return [part('source port', offset, 2, wordOf), part('destination port', offset + 2, 2, wordOf)];
  }
}

function wordOf([high = 0, low = 0]: Uint8Array): string {
  return String((high << 8) | low);
}

function protocolName(number: number): string {
  return protocolNames[number] ?? String(number);
}
